// `npm run dev`: the window in a browser, on a made-up shell (dev/shell.ts). Never part of a build.
import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

import { picture } from './dev/pictures';

export default defineConfig({
  plugins: [
    svelte(),
    {
      name: 'made-up-pictures',
      configureServer(server) {
        server.middlewares.use('/made-up', (request, response) => {
          const name = decodeURIComponent((request.url ?? '').slice(1).split('/')[0] ?? '');
          response.setHeader('Content-Type', 'image/svg+xml');
          response.end(picture(name));
        });
      },
    },
  ],
  resolve: {
    alias: { '@tauri-apps/api/core': fileURLToPath(new URL('./dev/shell.ts', import.meta.url)) },
  },
  server: { port: 1420, strictPort: true, fs: { allow: ['..'] } },
});
