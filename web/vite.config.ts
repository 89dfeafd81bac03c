/** How the web app is built: Vue pages, the pre-drawn avatars, and the page that reads the API's description. */
import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { VantResolver } from '@vant/auto-import-resolver'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vitest/config'
import { avatars } from './build/avatars.ts'
import { compressed } from './build/compressed.ts'
import { firstPage } from './build/first_page.ts'
import { withoutIconFont } from './build/icon_font.ts'
import { offline } from './build/offline.ts'
import { reading } from './build/reading.ts'

const SERVER = 'http://127.0.0.1:8800'

export default defineConfig({
  plugins: [
    withoutIconFont(),
    vue(),
    Components({ dirs: [], dts: 'src/components.d.ts', resolvers: [VantResolver(), ElementPlusResolver()] }),
    avatars(),
    reading(),
    offline(),
    firstPage(),
    compressed(),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What finds out the language, and asks the server ahead, has to run before the app is here.
            { name: 'start', test: /src\/(?:kit\/(?:memory|ahead|i18n\/catalogue)|features\/chat\/addresses)\.ts$/, priority: 2 },
            // All that the first page needs comes in one piece: over HTTP/1.1 thirty pieces would wait for each other.
            { name: 'app', test: /src\/app\.ts$/, priority: 1, includeDependenciesRecursively: true },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': SERVER,
      '/openapi.json': SERVER,
      '/ws': { target: SERVER.replace('http', 'ws'), ws: true },
    },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
