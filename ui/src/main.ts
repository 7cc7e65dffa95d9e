import { mount } from 'svelte';

import './lib/common/tokens.css';
import Start from './views/Start.svelte';

const target = document.getElementById('app');
if (target) mount(Start, { target });
