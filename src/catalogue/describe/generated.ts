import type { DatabaseSync } from 'node:sqlite';

/** What a model wrote about a content: of the given one, or of any, the latest. Undefined when none did. */
export function generatedDescription(database: DatabaseSync, digest: Uint8Array, model?: string): string | undefined {
  const statement = database.prepare(
    'SELECT text FROM generatedDescription WHERE digest = ? AND (? IS NULL OR model = ?) ORDER BY made DESC LIMIT 1',
  );
  return statement.get(digest, model ?? null, model ?? null)?.text as string | undefined;
}

/** What a model wrote about a content. */
export interface GeneratedText {
  readonly digest: Uint8Array;
  readonly model: string;
  readonly text: string;
}

/** Keeps it, so that the same content is never sent twice to the same model. `database` is the writer's; `time` in ns since 1970. */
export function keepGenerated(database: DatabaseSync, { digest, model, text }: GeneratedText, time: bigint): void {
  database
    .prepare('INSERT OR REPLACE INTO generatedDescription (digest, model, text, made) VALUES (?, ?, ?, ?)')
    .run(digest, model, text, time);
}
