import { mix } from './mix.ts';

/**
 * For each of the items 0 to `count` - 1 the first that is equal to it; itself where there is none before. Hashes of 32 bits may collide as they like, but slow it down. In place of a
 * map, since keys of several numbers would have to become strings.
 */
export function firstEqual(count: number, hashOf: (item: number) => number, areEqual: (a: number, b: number) => boolean): Uint32Array {
  const first = new Uint32Array(count);
  const bits = Math.ceil(Math.log2(count + 1)) + 1;
  // Open addressing at most half full: an item + 1, or 0.
  const slots = new Uint32Array(2 ** bits);
  // Nobody can make file sizes that all collide, not knowing this.
  const seed = Math.floor(Math.random() * 2 ** 32);
  for (let item = 0; item < count; item++) {
    let slot = mix(hashOf(item) ^ seed) >>> (32 - bits);
    for (;;) {
      const other = slots[slot] as number;
      if (other === 0) {
        slots[slot] = item + 1;
        first[item] = item;
        break;
      }
      if (areEqual(other - 1, item)) {
        first[item] = other - 1;
        break;
      }
      slot = (slot + 1) % slots.length;
    }
  }
  return first;
}

/** A hash of a number that is no fraction. */
export function hashOfNumber(value: number): number {
  return value ^ Math.floor(value / 0x1_0000_0000);
}

/** The items that are equal to another one, in order. */
export function repeated(first: Uint32Array): number[] {
  const counts = new Uint32Array(first.length);
  for (const item of first) counts[item] = (counts[item] as number) + 1;
  const items: number[] = [];
  for (let item = 0; item < first.length; item++) if ((counts[first[item] as number] as number) > 1) items.push(item);
  return items;
}
