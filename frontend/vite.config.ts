import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The program that `npm run dev` shows: start it with `make dev`.
const program = process.env.TRUNKLINE_URL ?? 'http://127.0.0.1:8000'
const proxied = Object.fromEntries(
  ['/api', '/healthz', '/_allauth', '/accounts', '/sso', '/hijack', '/admin', '/static'].map((path) => [
    path,
    { target: program, changeOrigin: false },
  ]),
)

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': folder('./src'), '@docs': folder('../docs') } },
  build: { manifest: true, target: 'es2022', chunkSizeWarningLimit: 700, assetsInlineLimit: 0 },
  server: {
    port: 5173,
    fs: { allow: ['.', '../docs/receivers'] },
    proxy: { ...proxied, '/ws': { target: program, ws: true } },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.{ts,tsx}'],
    setupFiles: ['tests/setup.ts'],
    css: false,
  },
})
