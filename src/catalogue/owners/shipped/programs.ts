import type { RuleTable } from '../rule-table.ts';
import { CACHE } from './presets.ts';

/** What programs of the desktop keep in homes. */
export const PROGRAMS: Readonly<Record<string, RuleTable>> = {
  caches: {
    ...CACHE,
    name: 'Caches',
    comment: 'What programs can make or fetch again',
    folders: ['~/.cache', '~/Library/Caches', '~/.var/app/*/cache'],
  },
  thumbnails: {
    ...CACHE,
    name: 'Thumbnails',
    comment: 'Small pictures of files',
    folders: ['~/.cache/thumbnails', '~/.thumbnails', '**/.sh_thumbnails', '**/Thumbs.db', '**/.DS_Store'],
  },
  firefox: {
    keep: true,
    retention: '30 days',
    name: 'Firefox',
    comment: 'Bookmarks, history and settings of Firefox',
    folders: ['~/.mozilla', '~/snap/firefox/common/.mozilla'],
  },
  'firefox-cache': {
    ...CACHE,
    name: 'Firefox, cache',
    comment: 'Pages that Firefox can load again',
    folders: [
      '~/.cache/mozilla',
      '~/snap/firefox/common/.cache',
      '~/.mozilla/firefox/*/{cache2,startupCache,shader-cache}',
      '~/.mozilla/firefox/*/storage/default/*/cache',
    ],
  },
  chromium: {
    keep: true,
    retention: '30 days',
    name: 'Chromium and its kin',
    comment: 'Bookmarks, history and settings of Chromium, Chrome, Brave, Edge and Vivaldi',
    folders: ['~/.config/{chromium,google-chrome,google-chrome-*,microsoft-edge,vivaldi}', '~/.config/BraveSoftware'],
  },
  'chromium-cache': {
    ...CACHE,
    name: 'Chromium and its kin, cache',
    comment: 'Pages and compiled code that the browser can make again; programs on Electron have the same folders',
    folders: [
      ...['~/.cache/{chromium,google-chrome,microsoft-edge,vivaldi}', '~/.cache/BraveSoftware'],
      '~/.config/**/{Cache,Code Cache,GPUCache,CacheStorage,ScriptCache,DawnCache,DawnGraphiteCache,DawnWebGPUCache,GrShaderCache,ShaderCache,Crashpad}',
    ],
  },
  'desktop-indexes': {
    ...CACHE,
    name: 'Search indexes',
    comment: 'Indexes of desktop searches',
    folders: ['~/.local/share/{baloo,tracker,zeitgeist}', '~/.cache/tracker3', '/var/lib/{plocate,mlocate}'],
  },
  steam: {
    ...CACHE,
    name: 'Steam',
    comment: 'Games that can be installed again',
    folders: [
      '~/.local/share/Steam/steamapps/{common,downloading,shadercache,temp,workshop}',
      '~/.steam/**/steamapps/{common,downloading,shadercache,temp,workshop}',
    ],
  },
};
