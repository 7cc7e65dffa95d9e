/** English: each screen has its part, and what several say stands in `common` and `counts`. */
import { albums } from './en/albums';
import { common, counts } from './en/common';
import { connecting } from './en/connecting';
import { errors } from './en/errors';
import { frame } from './en/frame';
import { home } from './en/home';
import { importing } from './en/importing';
import { info } from './en/info';
import { keys } from './en/keys';
import { cell, filter, library } from './en/library';
import { settings } from './en/settings';
import { sharing } from './en/sharing';
import { start } from './en/start';
import { viewer } from './en/viewer';

export const en = {
  albums,
  cell,
  common,
  connecting,
  counts,
  errors,
  filter,
  frame,
  home,
  importing,
  info,
  keys,
  library,
  settings,
  sharing,
  start,
  viewer,
};
