import { describe, expect, it } from 'vitest';

import type { Safety, ShootSafety } from '../ipc';
import { answer, need } from './words';

const known = (more: Partial<Safety>): Safety => ({
  photos: 300,
  places: 3,
  nowhere: 0,
  alone: 0,
  all: [{ kind: 'library', name: '/photos', present: true, lacking: 0 }],
  shoots: [],
  shootsSafe: 4,
  lastCommit: null,
  backupPaused: null,
  ...more,
});
const row = (more: Partial<ShootSafety>): ShootSafety => ({
  name: 'Smith',
  photos: 10,
  nowhere: 0,
  alone: 0,
  notInLibrary: 0,
  notInBucket: 0,
  notMirrored: 0,
  places: 2,
  ...more,
});

describe('are my photos safe', () => {
  it('is answered in one sentence', () => {
    expect(answer(known({})).text).toBe('Everything is safe in three places.');
    expect(answer(known({ alone: 214, places: 1 })).text).toBe(
      '214 photos exist only on this computer.',
    );
    expect(answer(known({ alone: 300, places: 1 })).text).toBe(
      'All 300 photos exist only on this computer.',
    );
    expect(answer(known({ nowhere: 1, alone: 5, places: 0 }))).toEqual({
      text: '1 photo has no whole copy anywhere.',
      tone: 'bad',
    });
    expect(answer(known({ photos: 0, places: 0 })).text).toBe('No photos yet.');
  });

  it('only what lies on this computer alone is said to', () => {
    const all = [{ kind: 'library' as const, name: '/photos', present: true, lacking: 3 }];
    expect(answer(known({ alone: 3, all })).text).toBe('3 photos exist in one place only.');
    const away = [{ kind: 'library' as const, name: '/x', present: false, lacking: 0 }];
    expect(answer(known({ alone: 3, all: away })).text).toBe('3 photos exist in one place only.');
  });

  it('a place that is not connected is told, and nothing is offered to be copied there', () => {
    const all = [
      { kind: 'library' as const, name: '/photos', present: false, lacking: 0 },
      { kind: 'bucket' as const, name: 'b', present: true, lacking: 0 },
    ];
    expect(answer(known({ places: 2, all })).text).toBe(
      'Everything is safe in two places, one of them not connected.',
    );
    expect(need(row({ notMirrored: 3 }), true, false).do).toBe('show');
  });

  it('a shoot is offered what it needs most', () => {
    expect(need(row({ nowhere: 2, notInBucket: 2 }), true).do).toBe('find');
    expect(need(row({ alone: 9, notInBucket: 9, notMirrored: 1 }), true)).toEqual({
      text: '9 photos not in the bucket',
      do: 'backup',
    });
    expect(need(row({ alone: 9, notInBucket: 9 }), false).do).toBe('show');
    expect(need(row({ notMirrored: 1 }), true).do).toBe('mirror');
    expect(need(row({ notInLibrary: 1 }), true).do).toBe('bring');
  });
});
