/** Starts the web app: language, theme, pages. */
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, showLocale } from './kit/i18n'
import './kit/look/style.css'
import { applyTheme } from './kit/theme'
import { router } from './router'

showLocale()
applyTheme()
createApp(App).use(i18n).use(router).mount('#app')
