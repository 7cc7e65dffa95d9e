/** The pages without photos: a passcode to be given, or one sentence on what happened. */
import { passcodeTyped, WrongKey } from './crypto';
import { element, icon, type Icon } from './dom';
import type { Words } from './words';

export interface Message {
  readonly icon: Icon;
  readonly title: string;
  readonly text: string;
  readonly button?: { readonly label: string; readonly act: () => void };
}

export function messagePage(message: Message): HTMLElement {
  const card = cardOf(message);
  if (message.button) {
    const { label, act } = message.button;
    const button = element('button', {
      class: 'primary',
      text: label,
      attributes: { type: 'button' },
    });
    button.addEventListener('click', act);
    card.append(button);
  }
  return element('main', { class: 'page' }, card);
}

/** Asks for the passcode until `tried` does not refuse it with `WrongKey`. */
export function passcodePage(
  words: Words,
  tried: (passcode: string) => Promise<void>,
): HTMLElement {
  const hint = element('p', { class: 'hint', attributes: { id: 'hint', role: 'alert' } });
  const input = element('input', {
    attributes: {
      id: 'passcode',
      type: 'text',
      inputmode: 'text',
      autocomplete: 'off',
      autocapitalize: 'characters',
      spellcheck: 'false',
      maxlength: '24',
      placeholder: 'XXXX-XXXX',
      'aria-describedby': 'hint',
    },
  });
  const label = element('label', { text: words.passcodeLabel, attributes: { for: 'passcode' } });
  const button = element('button', {
    class: 'primary',
    text: words.passcodeOpen,
    attributes: { type: 'submit' },
  });
  const form = element('form', { attributes: { novalidate: '' } }, label, input, hint, button);

  const refuse = (text: string): void => {
    hint.textContent = text;
    input.setAttribute('aria-invalid', 'true');
    input.focus();
    input.select();
  };
  const submit = async (): Promise<void> => {
    const passcode = passcodeTyped(input.value);
    if (passcode === undefined) {
      refuse(words.passcodeShape);
      return;
    }
    hint.textContent = '';
    input.removeAttribute('aria-invalid');
    button.disabled = true;
    button.textContent = words.passcodeChecking;
    try {
      await tried(passcode);
    } catch (error) {
      if (!(error instanceof WrongKey)) throw error;
      refuse(words.passcodeWrong);
    } finally {
      button.disabled = false;
      button.textContent = words.passcodeOpen;
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!button.disabled) void submit();
  });

  const card = cardOf({ icon: 'lock', title: words.passcodeTitle, text: words.passcodeText });
  card.append(form);
  queueMicrotask(() => input.focus());
  return element('main', { class: 'page' }, card);
}

function cardOf(message: Message): HTMLElement {
  const title = element('h1', { text: message.title, attributes: { tabindex: '-1' } });
  const text = element('p', { text: message.text });
  return element('section', { class: 'card' }, icon(message.icon), title, text);
}

/** The true layout, before anything is known of it. */
export function skeletonPage(words: Words): HTMLElement {
  const unknown = Array.from({ length: 14 }, () => element('i'));
  return element(
    'main',
    { class: 'skeleton', attributes: { 'aria-busy': 'true' } },
    element('p', { class: 'unseen', text: words.opening, attributes: { role: 'status' } }),
    element(
      'div',
      { class: 'bars', attributes: { 'aria-hidden': 'true' } },
      element('i'),
      element('i'),
    ),
    element('div', { class: 'tiles', attributes: { 'aria-hidden': 'true' } }, ...unknown),
  );
}
