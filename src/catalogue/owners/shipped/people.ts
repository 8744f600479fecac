import type { RuleTable } from '../rule-table.ts';
import { PRECIOUS } from './presets.ts';

/** What people make, and what is theirs to lose. */
export const PEOPLE: Readonly<Record<string, RuleTable>> = {
  documents: { ...PRECIOUS, name: 'Documents', comment: 'Documents of a person', folders: ['~/Documents', '~/Desktop'] },
  photos: { ...PRECIOUS, name: 'Photos', comment: 'Pictures of a person', folders: ['~/Pictures', '~/Photos', '**/DCIM'] },
  music: { ...PRECIOUS, name: 'Music', comment: 'Music and recordings of a person', folders: ['~/Music'] },
  videos: { ...PRECIOUS, name: 'Videos', comment: 'Films of a person', folders: ['~/Videos', '~/Movies'] },
  downloads: { keep: true, retention: '90 days', name: 'Downloads', comment: 'What was downloaded by hand', folders: ['~/Downloads'] },
  mail: {
    ...PRECIOUS,
    name: 'Mail',
    comment: 'Mail as mail programs and servers store it',
    folders: [
      '~/Mail',
      '~/Maildir',
      '~/.mail',
      '~/.thunderbird',
      '~/.local/share/evolution',
      '~/.local/share/kmail2',
      '/var/mail',
      '/var/spool/mail',
      '/var/vmail',
    ],
  },
  passwords: {
    ...PRECIOUS,
    name: 'Keys and passwords',
    comment: 'Private keys and password stores',
    folders: ['~/.ssh', '~/.gnupg', '~/.password-store', '~/.local/share/keyrings', '**/*.kdbx'],
  },
  access: {
    ...PRECIOUS,
    notify: ['create', 'modify', 'move', 'delete', 'attributes'],
    name: 'Access to this machine',
    comment: 'What decides who gets in, and what runs by itself',
    folders: ['~/.ssh/authorized_keys*', '/etc/{passwd,shadow,group,sudoers,sudoers.d,ssh,pam.d,crontab,cron.*}', '/var/spool/cron'],
  },
  trash: {
    keep: false,
    name: 'Trash',
    comment: 'What was thrown away',
    folders: ['~/.local/share/Trash', '/**/.Trash-[0-9]*', '/**/.Trash', '~/.Trash'],
  },
};
