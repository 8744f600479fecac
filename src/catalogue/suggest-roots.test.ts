import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ByteName } from '../base/names.ts';
import type { Mount } from '../sys/mounts.ts';
import { suggestRoots } from './suggest-roots.ts';

const name = (text: string) => text as ByteName;

function mount(path: string, type: string, device: string, others: Partial<Mount> = {}): Mount {
  return { id: 1, path: name(path), type, device, top: name('/'), source: name('/dev/x'), isReadOnly: false, ...others };
}

function suggested(mounts: readonly Mount[], homes: readonly string[] = [], roots: readonly string[] = []): string[] {
  return suggestRoots({ mounts, homes: homes.map(name), roots: roots.map(name) }).map(({ path, why }) => `${why} ${path}`);
}

describe('folders that are proposed', () => {
  it('are homes, and file systems that keep files', () => {
    const mounts = [
      mount('/proc', 'proc', '0:1'),
      mount('/', 'ext4', '8:1'),
      mount('/boot/efi', 'vfat', '8:2'),
      mount('/mnt/photos', 'btrfs', '8:3'),
      mount('/media/disc', 'iso9660', '11:0', { isReadOnly: true }),
      mount('/run/media/ann/stick', 'exfat', '8:17'),
      mount('/srv/share', 'nfs4', '0:50'),
      mount('/dev/shm', 'tmpfs', '0:7'),
    ];
    assert.deepEqual(suggested(mounts, ['/home/ann']), [
      'home /home/ann',
      'file system /',
      'network /srv/share',
      'file system /mnt/photos',
      'file system /run/media/ann/stick',
    ]);
  });

  it('are told once, however often they are mounted', () => {
    const mounts = [
      mount('/srv/bound', 'ext4', '8:1', { top: name('/data') }),
      mount('/', 'ext4', '8:1'),
      mount('/again', 'ext4', '8:1'),
      mount('/home', 'xfs', '8:5'),
    ];
    assert.deepEqual(suggested(mounts, ['/home']), ['home /home', 'file system /']);
  });

  it('are what can be seen: a mount hides the one before it', () => {
    const mounts = [mount('/mnt', 'ext4', '8:1'), mount('/mnt', 'tmpfs', '0:9')];
    assert.deepEqual(suggested(mounts), []);
  });

  it('are none that are watched, be it as a part of something', () => {
    const mounts = [mount('/', 'ext4', '8:1'), mount('/data/photos', 'btrfs', '8:3')];
    assert.deepEqual(suggested(mounts, ['/home/ann'], ['/data', '/home/ann']), ['file system /']);
  });

  it('are no machinery of containers', () => {
    const mounts = [
      mount('/', 'overlay', '0:3'),
      mount('/var/lib/docker/overlay2/x/merged', 'overlay', '0:4'),
      mount('/merged', 'overlay', '0:5'),
    ];
    assert.deepEqual(suggested(mounts), ['file system /']);
  });
});
