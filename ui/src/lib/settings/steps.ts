import type { Connecting } from './connecting.svelte';
import { words } from '../words';

/** What a step is called at the head of its sheet. */
export function stepTitle(connecting: Connecting): string {
  const { steps } = words.connecting;
  switch (connecting.step) {
    case 'form':
      return connecting.goal === 'new' ? steps.connect : steps.open;
    case 'words':
      return steps.words;
    case 'ask':
      return steps.ask;
    case 'kit':
    case 'done':
      return steps.kit;
  }
}
