// The window: ui/index.html -> ui/dist/window/, which tauri.conf.json serves from the binary.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: 'dist/window',
    emptyOutDir: true,
    // The oldest web view we start in: WebKitGTK of Debian 12, WebView2, macOS 13.
    target: ['safari16', 'chrome111'],
    // The CSP allows no data: images; small pictures stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    include: ['src/**/*.test.ts', 'gallery/**/*.test.ts'],
    environment: 'node',
  },
});
