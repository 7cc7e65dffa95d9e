import { beforeEach, describe, expect, it, vi } from 'vitest';

import { AppError, type Counts, type ImportPlan, type ImportReport, type OnCounts } from '../ipc';
import { Importing } from './importing.svelte';

const shell = vi.hoisted(() => ({
  planImport: vi.fn(),
  importCard: vi.fn(),
  cardContents: vi.fn(),
  cardTimes: vi.fn(),
  sampleName: vi.fn(),
  ejectCard: vi.fn(),
  preferences: vi.fn(),
}));
vi.mock('../ipc', async (original) => ({ ...(await original<object>()), ...shell }));

const plan: ImportPlan = {
  newPaths: ['DCIM/1.JPG', 'DCIM/2.JPG'],
  newFiles: 2,
  alreadyHere: 1,
  bytes: 300,
  skipped: [],
  failed: [],
  example: null,
  room: [],
  fits: true,
};
const report: ImportReport = {
  cancelled: false,
  imported: 2,
  alreadyHere: 1,
  skipped: [],
  failed: [],
  mirrorFailed: [],
  bytes: 300,
  seconds: 1,
  readBack: 'x',
  safeToFormat: false,
  missing: ['DCIM/100/IMG_1.JPG'],
  cardGone: false,
};

function counts(bytesDone: number): Counts {
  return { filesDone: 0, filesTotal: 2, bytesDone, bytesTotal: 1000 };
}

beforeEach(() => {
  shell.cardContents.mockReset().mockRejectedValue(new AppError('card_gone', 'gone'));
  shell.cardTimes.mockReset();
  shell.sampleName.mockReset();
  shell.ejectCard.mockReset();
  shell.preferences.mockReset();
  shell.planImport.mockReset().mockReturnValue({ done: Promise.resolve(plan), cancel: vi.fn() });
  shell.importCard.mockReset().mockReturnValue({ done: Promise.resolve(report), cancel: vi.fn() });
});

describe('importing', () => {
  it('goes from a card to a plan to a verdict', async () => {
    const importing = new Importing();
    importing.shoot = ' Wedding ';
    await importing.look(' /media/card ');
    expect(importing.stage).toBe('ready');
    expect(importing.plan).toEqual(plan);
    await importing.start();
    expect(shell.importCard.mock.calls[0]?.[0]).toEqual({
      source: '/media/card',
      shoot: 'Wedding',
      client: null,
      preset: null,
      template: null,
    });
    expect(importing.stage).toBe('done');
    expect(importing.report).toEqual(report);
  });

  it('with nothing new on it the card gets its verdict at once', async () => {
    shell.planImport.mockReturnValue({
      done: Promise.resolve({ ...plan, newPaths: [], newFiles: 0, alreadyHere: 3 }),
      cancel: vi.fn(),
    });
    const known = { ...report, imported: 0, alreadyHere: 3, safeToFormat: true };
    shell.importCard.mockReturnValue({ done: Promise.resolve(known), cancel: vi.fn() });
    const importing = new Importing();
    await importing.look('/media/card');
    expect(importing.stage).toBe('done');
    expect(importing.report).toEqual(known);
  });

  it('an empty place where photos were planned is a card that went away', async () => {
    const nothing = { ...report, imported: 0, alreadyHere: 0, missing: [] };
    shell.importCard.mockReturnValue({ done: Promise.resolve(nothing), cancel: vi.fn() });
    const importing = new Importing();
    await importing.look('/media/card');
    await importing.start();
    expect(importing.report?.cardGone).toBe(true);
    shell.importCard.mockReturnValue({
      done: Promise.resolve({ ...nothing, cancelled: true }),
      cancel: vi.fn(),
    });
    await importing.look('/media/card');
    await importing.start();
    expect(importing.report?.cardGone).toBe(false);
  });

  it('the next card is of the same shoot, and hours later of another', async () => {
    let now = 0;
    const importing = new Importing(() => now);
    importing.shoot = 'Smith wedding';
    await importing.look('/media/one');
    await importing.start();
    now = 600_000;
    await importing.look('/media/two');
    expect(importing.shoot).toBe('Smith wedding');
    await importing.start();
    now += 4 * 3_600_000;
    await importing.look('/media/three');
    expect(importing.shoot).toBe('');
  });

  it('after a backup the verdict is asked for anew, and nothing is imported by that', async () => {
    const importing = new Importing();
    await importing.look('/media/card');
    await importing.start();
    shell.importCard.mockClear();
    expect(await importing.judge()).toBe(false);
    expect(shell.importCard).not.toHaveBeenCalled();
    shell.planImport.mockReturnValue({
      done: Promise.resolve({ ...plan, newFiles: 0, alreadyHere: 3 }),
      cancel: vi.fn(),
    });
    const safe = { ...report, imported: 0, alreadyHere: 3, safeToFormat: true, missing: [] };
    shell.importCard.mockReturnValue({ done: Promise.resolve(safe), cancel: vi.fn() });
    expect(await importing.judge()).toBe(true);
    expect(importing.report).toEqual({ ...report, safeToFormat: true, missing: [] });
  });

  it('without a source nothing is asked', async () => {
    const importing = new Importing();
    await importing.look('   ');
    expect(importing.stage).toBe('choosing');
    expect(shell.planImport).not.toHaveBeenCalled();
  });

  it('shows share, rate and time left while it runs', async () => {
    let now = 0;
    let tell: OnCounts = () => undefined;
    let end: (report: ImportReport) => void = () => undefined;
    shell.importCard.mockImplementation((_order: unknown, onCounts: OnCounts) => {
      tell = onCounts;
      return { done: new Promise((resolve) => (end = resolve)), cancel: vi.fn() };
    });
    const importing = new Importing(() => now);
    await importing.look('/card');
    const running = importing.start();
    expect(importing.share).toBeNull();
    tell(counts(0));
    now = 1000;
    tell(counts(250));
    expect(importing.share).toBe(0.25);
    expect(importing.perSecond).toBe(250);
    expect(importing.secondsLeft).toBe(3);
    end(report);
    await running;
    expect(importing.busy).toBe(false);
  });

  it('stopping it is no error, and it can be started again', async () => {
    let stop: () => void = () => undefined;
    shell.importCard.mockImplementation(() => ({
      done: new Promise((_, reject) => (stop = () => reject(new AppError('cancelled', 'stop')))),
      cancel: () => stop(),
    }));
    const importing = new Importing();
    await importing.look('/card');
    const running = importing.start();
    importing.cancel();
    await running;
    expect(importing.stage).toBe('ready');
    expect(importing.error).toBeNull();
  });

  it('a card that went away is said, and the choice stays', async () => {
    shell.planImport.mockReturnValue({
      done: Promise.reject(new AppError('card_gone', 'gone')),
      cancel: vi.fn(),
    });
    const importing = new Importing();
    await importing.look('/card');
    expect(importing.stage).toBe('choosing');
    expect(importing.error?.code).toBe('card_gone');
    expect(importing.source).toBe('/card');
  });

  it('pictures come before the plan; what the plan knows goes before what the card says', async () => {
    const frame = { kind: 'photo', files: 1, written: '2026-05-16T10:00:00', known: false };
    const frames = ['1', '2', '3'].map((n) => ({ ...frame, path: `DCIM/${n}.JPG` }));
    shell.cardContents.mockResolvedValue({ id: '4', frames });
    const times = ['2026-05-15T10:00:00', null, '2026-05-15T10:01:00'];
    shell.cardTimes.mockReturnValue({ done: Promise.resolve(times), cancel: vi.fn() });
    shell.preferences.mockResolvedValue({ presets: [{ name: 'wedding' }] });
    let planned: (plan: ImportPlan) => void = () => undefined;
    shell.planImport.mockReturnValue({
      done: new Promise((resolve) => (planned = resolve)),
      cancel: vi.fn(),
    });
    const importing = new Importing();
    const looking = importing.look('/card');
    await vi.waitFor(() => expect(importing.days).toHaveLength(2));
    expect(shell.planImport, 'the first pictures come first').not.toHaveBeenCalled();
    frames.forEach(() => importing.pictured());
    await vi.waitFor(() => expect(importing.presets).toHaveLength(1));
    expect(importing.stage).toBe('planning');
    expect(importing.days.map(({ day, count }) => [day, count])).toEqual([
      ['2026-05-15', 2],
      ['2026-05-16', 1],
    ]);
    expect(importing.here.size).toBe(0);
    planned(plan);
    await looking;
    expect([...importing.here]).toEqual([2]);
  });

  it('what was stopped before its first picture is not gone on with', async () => {
    const frame = { kind: 'photo', files: 1, written: '2026-05-16T10:00:00', known: false };
    shell.cardContents.mockResolvedValue({ id: '4', frames: [{ ...frame, path: '1.JPG' }] });
    shell.cardTimes.mockReturnValue({ done: Promise.resolve([null]), cancel: vi.fn() });
    const importing = new Importing();
    const looking = importing.look('/card');
    await vi.waitFor(() => expect(importing.days).toHaveLength(1));
    importing.cancel();
    await looking;
    expect(importing.stage).toBe('choosing');
    expect(shell.planImport).not.toHaveBeenCalled();
  });

  it('a name that cannot be is said, and only the last question counts', async () => {
    const importing = new Importing();
    await importing.look('/card');
    const answers: ((name: string) => void)[] = [];
    shell.sampleName.mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
    const early = importing.sample();
    const late = importing.sample();
    answers[1]?.('late');
    answers[0]?.('early');
    await Promise.all([early, late]);
    expect(importing.example).toBe('late');
    shell.sampleName.mockRejectedValue(new AppError('usage', 'no token {foo}'));
    await importing.sample();
    expect(importing.exampleWrong).toBe('no token {foo}');
  });

  it('a card that may not go yet stays, and says why', async () => {
    const importing = new Importing();
    await importing.look('/card');
    shell.ejectCard.mockReturnValue({ done: Promise.reject(new AppError('usage', '2 files')) });
    await importing.eject();
    expect(importing.ejected).toBe(false);
    expect(importing.error?.message).toBe('2 files');
    shell.ejectCard.mockReturnValue({ done: Promise.resolve({ ejected: '/card' }) });
    await importing.eject();
    expect(importing.ejected).toBe(true);
  });
});
