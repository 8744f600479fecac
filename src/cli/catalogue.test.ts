import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadAllCommands } from './catalogue.ts';
import { commandHelp } from './help/help-text.ts';
import { commandPage } from './help/man-page.ts';
import { allOptions, flagsOf, optionWords } from './help/option-words.ts';
import { GLOBAL_OPTIONS } from './options.ts';

const commands = await loadAllCommands();

describe('every command', () => {
  it('has two examples that name it', () => {
    for (const { name, examples } of commands) {
      assert.ok(examples.length >= 2, name);
      for (const { command } of examples) assert.match(command, new RegExp(`varve ${name}\\b`), command);
    }
  });

  it('keeps each option under the name of its long flag', () => {
    for (const { name, options } of [...commands, { name: 'every', options: GLOBAL_OPTIONS }]) {
      for (const [key, option] of Object.entries(options)) {
        const flag = optionWords(option).long.replace(/^--(no-)?/, '');
        assert.equal(
          key,
          flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
          `${name} ${option.flags}`,
        );
      }
    }
  });

  it('gives no flag twice', () => {
    for (const command of commands) {
      const flags = allOptions(command).flatMap(flagsOf);
      assert.deepEqual(flags, [...new Set(flags)], command.name);
    }
  });

  it('lets only the last argument be repeated, and leaves none out before one that is needed', () => {
    for (const { name, arguments: args } of commands) {
      assert.ok(
        args.slice(0, -1).every(({ many }) => !many),
        name,
      );
      assert.deepEqual(
        args.map(({ optional }) => optional === true),
        args.map(({ optional }) => optional === true).sort(),
        name,
      );
    }
  });

  it('has the same options in help and in its manual page', () => {
    for (const command of commands) {
      const help = commandHelp(command).join('\n');
      const page = commandPage(command, '1.2.3').replaceAll('\\-', '-');
      for (const { long } of allOptions(command)) {
        assert.ok(help.includes(long), `${command.name} ${long}`);
        assert.ok(page.includes(long), `${command.name} ${long}`);
      }
    }
  });
});
