/**
 * The part of AssemblyScript's compiler that the build uses. The package's own declarations bring a global `console` of theirs, which
 * would hide Node's in every file of the project; `paths` in tsconfig.json puts this file in their place.
 */
export interface Host {
  readFile(name: string, baseDir: string): string | null;
  writeFile(name: string, contents: string | Uint8Array, baseDir: string): void;
  listFiles(folder: string, baseDir: string): string[] | null;
}

export interface Outcome {
  readonly error: Error | null;
  readonly stderr: { toString(): string };
}

declare const compiler: {
  main(options: readonly string[], host: Host): Promise<Outcome>;
};

export default compiler;
