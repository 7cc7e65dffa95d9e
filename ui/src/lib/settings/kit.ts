import type { Recovery } from '../ipc';

/** What the kit's QR code holds: a line a fact, in this order, so that any phone shows it whole. */
export function kitText(recovery: Recovery): string {
  return [
    'DARKSLIDE RECOVERY KIT',
    `endpoint ${recovery.endpoint}`,
    `region ${recovery.region}`,
    `bucket ${recovery.bucket}`,
    ...(recovery.shareBucket === null ? [] : [`shares ${recovery.shareBucket}`]),
    ...(recovery.root === '' ? [] : [`root ${recovery.root}`]),
    `vault ${recovery.vault}`,
    `words ${recovery.words.join(' ')}`,
  ].join('\n');
}
