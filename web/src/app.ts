/** Starts the web app: language, theme, pages, and what keeps it on the device. */
import { createApp } from 'vue'
import App from './App.vue'
import { allWords, i18n, readyLocale } from './kit/i18n'
import './kit/look/style.css'
import { keepApp, watchNetwork } from './kit/offline'
import { keepSource, tellOpening } from './kit/source'
import { applyTheme } from './kit/theme'
import { router } from './router'

keepSource(location.search)
applyTheme()
watchNetwork()
void readyLocale().then(() => createApp(App).use(i18n).use(router).mount('#app'))
// The first page comes first: the words of the others, keeping them on the device, and telling of it, can wait until it stands.
setTimeout(() => {
  keepApp().catch((reason: unknown) => console.warn('not kept', reason))
  void tellOpening()
  void allWords().catch(() => undefined)
}, 1500)
