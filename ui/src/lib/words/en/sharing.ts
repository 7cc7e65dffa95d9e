import { counting } from '../counting';
import { counts } from './common';

const of = counting('en');

/** Links: made, listed, ended. */
export const sharing = {
  share: (photos: number) => `Share ${counts.photos(photos)}`,
  make: 'Make the link',
  notNow: 'Not now',
  done: 'Done',
  noBucket:
    'A link shows photos from your own bucket, encrypted so that only its holder can see them. Connect a bucket first; your selection stays.',
  working: (done: string, photos: number) =>
    `${done} of ${counts.photos(photos)} resized, encrypted and uploaded`,
  preparing: 'Preparing…',
  bar: 'Sharing',
  title: 'Title, seen by the client',
  titleExample: 'Smith wedding',
  message: 'Message',
  messageExample: 'A few words, if you like',
  endsAfter: 'Ends after',
  lengths: {
    quarter: '15 minutes',
    hour: '1 hour',
    day: '24 hours',
    threeDays: '3 days',
    week: '7 days',
  },
  thenDeleted: (end: string) => `${end}. Then the photos are deleted from the share.`,
  passcode: 'Passcode',
  passcodeHint: 'Part of the key. You send it another way than the link.',
  watermark: 'Watermark',
  watermarkExample: 'None',
  watermarkHint: 'Burned into every picture of this link.',

  /** What was made, before and after the day it ends, which stands out. */
  made: (photos: number) => `${counts.photos(photos)}, encrypted in your bucket. Ends`,
  madeLeft: (left: string) => `, ${left}.`,
  link: 'Link',
  passcodeApart: 'Passcode, to be sent another way than the link',
  withoutPasscode:
    'Whoever has the whole link sees these photos; mail and chat programs see it too. A passcode, sent another way, keeps them out.',
  code: 'The link as a QR code',

  over: 'ended',
  daysLeft: of({ one: 'day left', other: 'days left' }),
  hoursLeft: of({ one: 'hour left', other: 'hours left' }),
  minutesLeft: of({ one: 'minute left', other: 'minutes left' }),
  secondsLeft: of({ one: 'second left', other: 'seconds left' }),
  dayTime: (day: string, time: string) => `${day} ${time}`,

  links: 'Links',
  noLinks: 'No links yet',
  noLinksText:
    'Choose photos in the library and press Share. The link ends by itself, and you can end it sooner here.',
  toLibrary: 'Go to the library',
  hasPasscode: 'With a passcode',
  row: (photos: number, state: string) => `${counts.photos(photos)} · ${state}`,
  revoked: 'Revoked',
  unfinished: 'Was not finished; no link was given out',
  ended: (when: string) => `Ended ${when}`,
  ends: (when: string, left: string) => `Ends ${when}, ${left}`,
  show: 'Show link',
  notProven: 'Revoked, but not proven dead yet',
  checkAgain: 'Check again',
  revoke: 'Revoke',
  revoking: 'Revoking…',
  revokeTitle: (title: string) => `Revoke “${title}”?`,
  revokeText:
    'The photos of this link are deleted from the bucket, and its addresses are fetched to prove that they are dead. Your own photos stay. What was saved from it before stays saved.',
  dead: (time: string) => `Dead, checked ${time}`,
  stillAnswers: 'Deleted, but some address still answers. Check again in a minute.',
  keep: 'Keep it',
  revokeNow: 'Revoke the link',
};
