import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ByteName } from '../../base/names.ts';
import { OwnerMatcher } from './matcher.ts';
import { SHIPPED_RULES } from './shipped.ts';

/** Paths and the shipped rule that owns each. */
const EXPECTED: Readonly<Record<string, string | undefined>> = {
  '/home/ann/Documents/letter.odt': 'documents',
  '/home/ann/Pictures/DCIM/1.jpg': 'photos',
  '/home/ann/Documents/.letter.odt.swp': 'editor-leftovers',
  '/home/ann/.cache/mozilla/firefox/x': 'firefox-cache',
  '/home/ann/.cache/other/x': 'caches',
  '/home/ann/.mozilla/firefox/abc.default/places.sqlite': 'firefox',
  '/home/ann/.mozilla/firefox/abc.default/cache2/entries/1': 'firefox-cache',
  '/home/ann/.config/google-chrome/Default/Bookmarks': 'chromium',
  '/home/ann/.config/google-chrome/Default/Code Cache/js/1': 'chromium-cache',
  '/home/ann/.config/Slack/Cache/1': 'chromium-cache',
  '/home/ann/.config/kdeglobals': 'user-configuration',
  '/home/ann/code/web/node_modules/left-pad/index.js': 'node-modules',
  '/home/ann/code/web/.git/objects/aa/bb': 'git-internals',
  '/home/ann/code/rust/target/debug/deps/x': 'build-outputs',
  '/home/ann/code/rust/target/notes.txt': undefined,
  '/home/ann/code/model.obj': undefined,
  '/home/ann/code/main.c': undefined,
  '/home/ann/.ssh/id_ed25519': 'passwords',
  '/home/ann/.ssh/authorized_keys': 'access',
  '/home/ann/.local/share/Trash/files/x': 'trash',
  '/mnt/stick/.Trash-1000/files/x': 'trash',
  '/etc/fstab': 'configuration',
  '/etc/ssh/sshd_config': 'access',
  '/var/log/syslog': 'logs',
  '/var/cache/apt/pkgcache.bin': 'system-caches',
  '/proc/self/status': 'kernel-views',
  '/usr/bin/ls': 'system',
  '/usr/local/bin/mine': 'local-programs',
  '/srv/www/index.html': undefined,
};

describe('the shipped rules', () => {
  it('have an owner for what is on most machines', () => {
    const matcher = new OwnerMatcher(SHIPPED_RULES, ['/home/ann' as ByteName, '/root' as ByteName]);
    for (const [path, id] of Object.entries(EXPECTED)) assert.equal(matcher.ownerOf(path as ByteName)?.id, id, path);
  });

  it('explain themselves', () => {
    for (const { id, name, comment, folders } of SHIPPED_RULES) {
      assert.match(id, /^[a-z][a-z-]*$/);
      assert.notEqual(name, id);
      assert.ok(comment.length > 5 && folders.length > 0, id);
    }
  });

  it('record nothing, or at least keep nothing, where everything can be made again', () => {
    for (const { id, flags } of SHIPPED_RULES) if (flags.record.size === 0) assert.equal(flags.keep, false, id);
  });
});
