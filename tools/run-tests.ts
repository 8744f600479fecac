/**
 * Runs every test: `npm test`, or `npm test -- PATTERN…` for the files whose path contains one of the patterns. What tests need on Linux
 * is installed where that is allowed. Skipped tests are listed with their reasons at the end; with `CI=true` they are failures.
 */
import { globSync } from 'node:fs';
import { type EventData, run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { installPrograms, missingPrograms } from './test-programs.ts';

/** Test files at once: more would disturb the tests that measure and those that start processes, on machines with two cores. */
const CONCURRENCY = 2;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const inCi = process.env.CI === 'true';

process.chdir(ROOT);
const missing = missingPrograms();
if (missing.length > 0 && !installPrograms(missing))
  console.error(`Tests that need them will be skipped; not installed: ${missing.join(', ')}`);

const patterns = process.argv.slice(2);
const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'])
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
  .sort();
if (files.length === 0) {
  console.error(`No test file matches ${patterns.join(' ')}`);
  process.exit(2);
}

const skipped: string[] = [];
const stream = run({ files, concurrency: CONCURRENCY, execArgv: ['--disable-warning=ExperimentalWarning'] });
stream.on('test:fail', () => {
  process.exitCode = 1;
});
stream.on('test:pass', (data: EventData.TestPass) => {
  if (data.skip !== undefined) skipped.push(`${data.name}: ${data.skip === true ? 'no reason given' : data.skip}`);
});
stream.compose(spec()).pipe(process.stdout);
stream.on('end', () => {
  if (skipped.length === 0) return;
  console.log(`\nSkipped here, ${skipped.length} in all:\n${skipped.map((line) => `  - ${line}`).join('\n')}`);
  if (inCi) {
    console.log('With CI=true nothing may be skipped.');
    process.exitCode = 1;
  }
});
