/** A shell made up for `npm run dev`: answers every command from memory. `?home=new` starts empty. */
import type {
  Album,
  Details,
  Facet,
  Home,
  ImportPlan,
  ImportReport,
  Link,
  LinkRow,
  Month,
  Photo,
  Safety,
  Status,
  WireError,
} from '../src/lib/ipc/bindings';

type Args = Record<string, unknown>;

export class Channel {
  onmessage: (message: unknown) => void = () => undefined;
}

export function convertFileSrc(path: string): string {
  return `/made-up/${path}`;
}

const look = new URLSearchParams(location.search);
const fresh = look.get('home') === 'new';
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const counts: [number | null, number | null, number][] = [
  [2026, 11, 23],
  [2026, 9, 61],
  [2026, 5, 840],
  [2025, 12, 1204],
  [null, null, 3],
];
const all: Photo[] = counts.flatMap(([year, month, count], m) =>
  Array.from({ length: count }, (_, i): Photo => {
    const n = m * 2000 + i;
    const raw = n % 3 !== 0;
    return {
      id: `photo${n}`,
      name: `IMG_${String(4200 + n).padStart(4, '0')}.${raw ? 'CR3' : 'JPG'}`,
      taken:
        year === null
          ? null
          : `${year}-${String(month).padStart(2, '0')}-${String(28 - (i % 27)).padStart(2, '0')}T14:03:22`,
      kind: n % 17 === 5 ? 'video' : raw ? 'raw' : 'photo',
      format: raw ? 'CR3' : 'JPEG',
      rating: n % 7 === 0 ? 5 : n % 5 === 0 ? 3 : 0,
      label: n % 11 === 4 ? 'red' : n % 13 === 6 ? 'green' : null,
      preview: n === 4 ? 'damaged' : n === 6 ? 'none' : 'ready',
      width: 6000,
      height: 4000,
      flag: n % 19 === 3 ? 'pick' : n % 23 === 7 ? 'reject' : null,
      files: raw ? 2 : 1,
      pair: raw,
      inLibrary: true,
      inBucket: m > 0,
      mirrors: m > 1 ? 1 : 0,
    };
  }),
);
let photos = fresh ? [] : all;

const home: Home = {
  home: '/home/ada/.local/share/darkslide',
  library: fresh ? null : '/home/ada/Pictures/Darkslide',
  suggestedLibrary: '/home/ada/Pictures/Darkslide',
  bucket: fresh || look.has('alone') ? null : 'ada-photos',
  keysGiven: false,
  version: '0.1.0',
  lock: null,
};
const albums: Album[] = fresh
  ? []
  : [
      { id: 'a1', name: 'Smith wedding, best', photos: 61 },
      { id: 'a2', name: 'Portfolio', photos: 23 },
    ];
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
let rows: LinkRow[] = [
  {
    id: 'l1',
    title: 'Smith wedding',
    state: 'live',
    endsAt: inDays(2.6),
    items: 61,
    hasPasscode: true,
    provenAt: null,
  },
  {
    id: 'l2',
    title: 'Portraits, first choice',
    state: 'live',
    endsAt: inDays(0.03),
    items: 12,
    hasPasscode: false,
    provenAt: null,
  },
  {
    id: 'l3',
    title: 'Autumn',
    state: 'ended',
    endsAt: inDays(-12),
    items: 23,
    hasPasscode: false,
    provenAt: null,
  },
  {
    id: 'l4',
    title: 'Drafts',
    state: 'revoked',
    endsAt: inDays(-2),
    items: 4,
    hasPasscode: false,
    provenAt: null,
  },
];
let inBucket = 4000;
const cancelled = new Set<string>();

function fail(code: WireError['code'], message: string): never {
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- what Tauri rejects with
  throw { code, message, detail: null } satisfies WireError;
}

function find(query: string): Photo[] {
  const stars = /rating>=(\d)/.exec(query);
  if (query.includes('nope:')) fail('bad_query', 'there is no field “nope”');
  if (query.includes('zebra')) return [];
  return photos.filter(
    (photo) =>
      photo.rating >= Number(stars?.[1] ?? 0) &&
      (!query.includes('album:') || photo.name.endsWith('0.CR3')),
  );
}

async function run(args: Args, files: number, bytes: number, ms: number): Promise<void> {
  const channel = args['channel'] as Channel;
  const slow = look.has('slow') ? 20 : 1;
  for (let i = 0; i <= 20; i += 1) {
    if (cancelled.has(String(args['job']))) fail('cancelled', 'stopped on request');
    channel.onmessage({
      filesDone: Math.round((files * i) / 20),
      filesTotal: files,
      bytesDone: Math.round((bytes * i) / 20),
      bytesTotal: bytes,
    });
    await wait((ms * slow) / 20);
  }
}

function change(args: Args, to: Partial<Photo>): void {
  const ids = new Set(args['photos'] as string[]);
  photos = photos.map((p) => (ids.has(p.id) ? { ...p, ...to } : p));
}

function detailsOf(id: string): Details {
  const photo = photos.find((p) => p.id === id) ?? fail('not_found', 'no such photo');
  const proven = inDays(-3);
  return {
    ...photo,
    offset: '+02:00',
    make: 'Canon',
    model: 'Canon EOS R6',
    lens: 'RF85mm F1.2 L USM',
    iso: 400,
    aperture: 2.8,
    shutter: '1/250',
    focalLength: 85,
    bytes: 31_400_000,
    seconds: null,
    gps: [59.3346, 18.0632],
    title: null,
    caption: 'The first dance',
    keywords: ['dance', 'evening'],
    creator: 'Ada Müller',
    copyright: '© 2026 Ada Müller',
    shoot: 'Smith wedding',
    client: 'Smith',
    files: [{ name: photo.name, path: `Originals/2026/${photo.name}`, bytes: 31_400_000 }],
    places: [
      { kind: 'library', name: null, files: 2, of: 2, proven },
      { kind: 'mirror', name: '/mnt/nas', files: photo.mirrors * 2, of: 2, proven },
      { kind: 'bucket', name: null, files: photo.inBucket ? 2 : 0, of: 2, proven },
    ],
    albums: ['Portfolio'],
    links: rows.slice(0, 1),
  };
}

function shootRows(): Facet[] {
  if (fresh) return [];
  return [
    { word: 'Smith wedding', photos: 840 },
    { word: 'Autumn portraits', photos: 61 },
  ];
}

function safetyNow(): Safety {
  const alone = home.bucket && inBucket > 5000 ? 0 : 23;
  return {
    photos: photos.length,
    places: alone > 0 ? 1 : 2,
    nowhere: 0,
    alone,
    all: [
      { kind: 'library', name: '/home/ada/Pictures/Darkslide', present: true, lacking: 0 },
      { kind: 'mirror', name: '/mnt/nas/photos', present: !look.has('away'), lacking: alone },
      ...(home.bucket
        ? [{ kind: 'bucket' as const, name: home.bucket, present: true, lacking: alone }]
        : []),
    ],
    shoots:
      alone > 0
        ? [
            {
              name: 'Smith wedding',
              photos: 840,
              nowhere: 0,
              alone,
              notInLibrary: 0,
              notInBucket: alone,
              notMirrored: alone,
              places: 1,
            },
          ]
        : [],
    shootsSafe: 4,
    lastCommit: home.bucket ? inDays(-1) : null,
    backupPaused: look.has('paused') ? true : null,
  };
}

const link: Link = {
  id: 'l9',
  title: 'Smith wedding',
  url: `https://ada-photos.s3.example.com/s/k7m2q9x4t8w3b6n1c5v0z2a7/view?X-Amz-Signature=${'0123456789abcdef'.repeat(4)}#v1.c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ.1.${'abcdef01'.repeat(8)}`,
  passcode: 'K7M2-Q9X4',
  endsAt: inDays(3),
  items: 12,
  leftOut: [],
};

const words =
  'abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid acoustic acquire across act action actor actress actual';

const commands: Record<string, (args: Args) => unknown> = {
  home: () => (look.has('locked') ? fail('catalog_locked', 'catalog.lock is held') : { ...home }),
  set_up: (args) => ({ ...Object.assign(home, { library: args['library'] }) }),
  pick_folder: () => '/media/EOS_DIGITAL',
  draw_words: () => words.split(' '),
  create_vault: async (args) => {
    await wait(600);
    const bucket = args['bucket'] as { bucket: string; endpoint: string; region: string };
    home.bucket = bucket.bucket;
    return {
      ...bucket,
      vault: '6f1c9a30d2',
      shareBucket: null,
      root: '',
      words: words.split(' '),
    };
  },
  adopt: async (args) => {
    await run(args, 1204, 21_400_000_000, 1500);
    return {
      cancelled: false,
      adopted: 1204,
      alreadyHere: 0,
      skipped: [],
      failed: [],
      bytes: 21_400_000_000,
    };
  },
  providers: () => [
    {
      id: 'aws',
      name: 'Amazon S3',
      endpoint: 'https://s3.{region}.amazonaws.com',
      regions: [
        { id: 'eu-central-1', name: 'Frankfurt' },
        { id: 'us-east-1', name: 'Virginia' },
      ],
      hint: 'Make a user in IAM without access to the console, and an access key for it.',
      price: {
        currency: 'USD',
        perTerabyte: 23,
        least: 0,
        perTerabyteBack: 90,
        note: 'S3 Standard in us-east-1.',
        asOf: '2026-05',
        source: 'https://aws.amazon.com/s3/pricing/',
      },
    },
    { id: 'other', name: 'Other', endpoint: '', regions: [], hint: 'Any S3.', price: null },
  ],
  bucket_policy: () => ({ how: 'Paste this.', text: '{\n  "Version": "2012-10-17"\n}' }),
  check_bucket: async () => {
    await wait(600);
    return {
      usable: true,
      missing: false,
      cardGone: false,
      canHarden: true,
      findings: [
        { mark: 'good', says: 'Writing works.' },
        { mark: 'note', says: 'No old versions are kept.' },
        { mark: 'unknown', says: 'The store has no switch against public access.' },
      ],
    };
  },
  save_kit: () => '/home/ada/darkslide-recovery-kit.txt',
  give_passphrase: () => null,
  card_contents: () => ({
    id: '1',
    frames: Array.from({ length: 60 }, (_, n) => ({
      path: `DCIM/100EOS/IMG_${4211 + n}.CR3`,
      kind: n % 17 === 5 ? 'video' : 'raw',
      files: 2,
      written: `2026-11-${n < 20 ? 19 : 20}T${10 + Math.floor(n / 9)}:${10 + (n % 9)}:00`,
      known: n < 20,
    })),
  }),
  card_times: () => [],
  sample_name: () => 'Originals/2026/2026-11-20 Smith wedding/IMG_4211.CR3',
  eject_card: () => ({ ejected: '/media/EOS_DIGITAL' }),
  cards: () => [{ path: '/media/EOS_DIGITAL', name: 'EOS_DIGITAL' }],
  plan_import: async (args): Promise<ImportPlan> => {
    await run(args, 1204, 0, 500);
    return {
      newPaths: [],
      newFiles: 812,
      alreadyHere: 392,
      bytes: 21_400_000_000,
      skipped: [{ path: 'DCIM/100EOS/.Trash', reason: 'hidden' }],
      failed: [],
      room: [
        {
          root: '/home/ada/Pictures/Darkslide',
          needed: 21_400_000_000,
          free: look.has('full') ? 1e9 : 731e9,
        },
      ],
      fits: !look.has('full'),
      example: 'Originals/2026/2026-11-20 Smith wedding/IMG_4211.CR3',
    };
  },
  import_card: async (args): Promise<ImportReport> => {
    await run(args, 812, 21_400_000_000, 3000);
    photos = all;
    const bad = look.has('bad');
    return {
      cancelled: false,
      imported: bad ? 810 : 812,
      alreadyHere: 392,
      skipped: [{ path: 'DCIM/100EOS/.Trash', reason: 'hidden' }],
      failed: bad
        ? [
            { path: 'DCIM/100EOS/IMG_4213.CR3', reason: 'the card could not be read at 18 MB' },
            { path: 'DCIM/100EOS/IMG_4214.CR3', reason: 'the copy read back differs' },
          ]
        : [],
      bytes: 21_400_000_000,
      seconds: 231,
      readBack: 'posix_fadvise(DONTNEED) after fsync',
      safeToFormat: look.has('safe'),
      mirrorFailed: [],
      missing: look.has('safe') ? [] : ['DCIM/100EOS/IMG_4211.CR3', 'DCIM/100EOS/IMG_4211.JPG'],
      cardGone: false,
    };
  },
  lock: () => false,
  preferences: () => ({
    home: home.home,
    library: home.library,
    version: home.version,
    mirrors: [{ path: '/mnt/nas/photos', present: true, filesLeft: 12, bytesLeft: 3.1e8 }],
    watched: [{ path: '/home/ada/Exports', kind: 'finished', away: false }],
    presets: [
      {
        name: 'wedding',
        template: null,
        creator: 'Ada Müller',
        copyright: '© 2026 Ada Müller',
        dayStartsAt: 4,
      },
    ],
    previews: { bytes: 8.2e9, limit: 20e9 },
    bucket: home.bucket
      ? { endpoint: 'https://s3.example.com', region: 'eu', bucket: home.bucket, shareBucket: null }
      : null,
    lock: null,
  }),
  months: (args): Month[] => {
    const found = find(String(args['query']));
    return counts.flatMap(([year, month]) => {
      const prefix = year === null ? null : `${year}-${String(month).padStart(2, '0')}`;
      const count = found.filter((p) =>
        prefix ? p.taken?.startsWith(prefix) : p.taken === null,
      ).length;
      return count > 0 ? [{ year, month, count }] : [];
    });
  },
  photos: async (args) => {
    await wait(60);
    const offset = Number(args['offset']);
    return find(String(args['query'])).slice(offset, offset + Number(args['limit']));
  },
  rate: (args) => {
    const ids = new Set(args['photos'] as string[]);
    photos = photos.map((p) => (ids.has(p.id) ? { ...p, rating: Number(args['rating']) } : p));
  },
  label: (args) => change(args, { label: args['label'] as string | null }),
  flag: (args) => change(args, { flag: args['flag'] as Photo['flag'] }),
  describe: () => null,
  trash: (args) => {
    const ids = new Set(args['photos'] as string[]);
    photos = photos.filter((p) => !ids.has(p.id));
  },
  undo: () => null,
  redo: () => null,
  find_photos: (args) => find(String(args['query'])).map((p) => p.id),
  details: (args): Details => detailsOf(String(args['photo'])),
  histogram: () => {
    const hill = (middle: number): number[] =>
      Array.from({ length: 64 }, (_, i) => Math.round(900 * Math.exp(-(((i - middle) / 11) ** 2))));
    return { red: hill(36), green: hill(30), blue: hill(22) };
  },
  facets: () => ({
    cameras: [{ word: 'Canon EOS R6', photos: 1800 }],
    lenses: [{ word: 'RF85mm F1.2 L USM', photos: 900 }],
    keywords: [{ word: 'dance', photos: 120 }],
    labels: [{ word: 'red', photos: 60 }],
    years: [
      { word: '2026', photos: 924 },
      { word: '2025', photos: 1204 },
    ],
    shoots: shootRows(),
  }),
  shoots: () => shootRows(),
  remove_from_album: () => 1,
  rename_album: () => null,
  trash_album: () => null,
  full_screen: () => null,
  safety: (): Safety => safetyNow(),
  copy_to_mirrors: async (args) => {
    await run(args, 61, 1e9, 1500);
    return { copied: 61, failed: [] };
  },
  albums: () => albums,
  create_album: (args) => {
    albums.push({
      id: `a${albums.length + 1}`,
      name: String(args['name']),
      photos: (args['photos'] as string[]).length,
    });
  },
  add_to_album: () => 1,
  share: async (args) => {
    await run(args, 12, 0, 900);
    const order = args['order'] as { title: string; passcode: boolean };
    return { ...link, title: order.title, passcode: order.passcode ? link.passcode : null };
  },
  links: () => (fresh ? [] : rows),
  show_link: (args) => ({ ...link, id: args['id'] }),
  revoke_link: async (args) => {
    await wait(500);
    rows = rows.map((row) => (row.id === args['id'] ? { ...row, state: 'revoked' } : row));
    return { dead: true, checkedAt: new Date().toISOString() };
  },
  status: (): Status => ({
    photos: photos.length,
    files: photos.length * 2 - 160,
    filesInBucket: home.bucket ? Math.min(inBucket, photos.length * 2 - 160) : null,
    lastCommit: null,
  }),
  back_up: async (args) => {
    await run(args, 102, 2_400_000_000, 2500);
    inBucket = 1e9;
    return { uploaded: 102, skipped: 0, failed: [], bytes: 2_400_000_000, seconds: 2.5 };
  },
  cancel_job: (args) => void cancelled.add(String(args['job'])),
};

export async function invoke<T>(command: string, args: Args = {}): Promise<T> {
  const answer = commands[command];
  if (!answer) throw new Error(`Command ${command} not found`);
  return (await answer(args)) as T;
}

export type InvokeArgs = Args;
