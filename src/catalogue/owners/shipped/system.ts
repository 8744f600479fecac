import type { RuleTable } from '../rule-table.ts';
import { CACHE, PASSING, PRECIOUS } from './presets.ts';

/** The operating system and its services. */
export const SYSTEM: Readonly<Record<string, RuleTable>> = {
  configuration: { ...PRECIOUS, name: 'System configuration', comment: 'The settings of this machine', folders: ['/etc'] },
  'user-configuration': { keep: true, name: 'Settings of programs', comment: 'What a user has set in programs', folders: ['~/.config'] },
  logs: {
    ...PASSING,
    name: 'Logs',
    comment: 'What programs have noted',
    folders: ['/var/log', '~/.local/state', '~/.xsession-errors*', '~/.npm/_logs'],
  },
  system: {
    keep: false,
    name: 'Operating system',
    comment: 'Programs and libraries that were installed',
    folders: ['/usr', '/bin', '/sbin', '/lib*', '/boot'],
  },
  'local-programs': {
    keep: true,
    name: 'Local programs',
    comment: 'Programs that were installed by hand',
    folders: ['/usr/local', '/opt', '~/bin', '~/.local/bin'],
  },
  'kernel-views': {
    ...CACHE,
    name: 'Views of the kernel',
    comment: 'No files, but what the kernel shows as files',
    folders: ['/proc', '/sys', '/dev'],
  },
  runtime: {
    ...CACHE,
    name: 'Runtime files',
    comment: 'Sockets, locks and process numbers, gone at the next start',
    folders: ['/run', '/var/run', '/var/lock'],
  },
  temporary: {
    ...CACHE,
    name: 'Temporary files',
    comment: 'What programs need for a moment',
    folders: ['/tmp', '/var/tmp'],
  },
  'system-caches': {
    ...CACHE,
    name: 'Caches of the system',
    comment: 'What services can make or fetch again',
    folders: ['/var/cache', '/var/lib/apt/lists', '/var/lib/PackageKit'],
  },
  swap: { ...CACHE, name: 'Swap', comment: 'Memory on the disk', folders: ['/swapfile', '/swap.img', '/hiberfil.sys', '/pagefile.sys'] },
  'lost-and-found': {
    keep: true,
    name: 'Lost and found',
    comment: 'What a check of the file system has rescued',
    folders: ['/**/lost+found'],
  },
  containers: {
    ...CACHE,
    name: 'Containers',
    comment: 'Images and layers of containers; their volumes are not part of it',
    folders: [
      ...['/var/lib/docker/overlay2', '/var/lib/docker/image', '/var/lib/docker/buildkit', '/var/lib/containerd'],
      ...[
        '/var/lib/containers/storage/overlay*',
        '~/.local/share/containers/storage/overlay*',
        '/var/lib/snapd/snaps',
        '/var/lib/flatpak/repo',
      ],
    ],
  },
  'machine-images': {
    keep: false,
    hash: false,
    name: 'Virtual machines',
    comment: 'Disks of virtual machines, which change all the time',
    folders: ['/var/lib/libvirt/images', '~/VirtualBox VMs', '~/.local/share/gnome-boxes/images'],
  },
  'backup-stores': {
    keep: false,
    hash: false,
    record: [],
    name: 'Stores of varve',
    comment: 'Blocks of Varve itself',
    folders: ['~/.local/share/varve', '~/.cache/varve', '~/.local/state/varve'],
  },
};
