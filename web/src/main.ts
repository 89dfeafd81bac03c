/** Fetches the app and its words at the same time, and starts it. */
import { catalogue, firstLocale } from './kit/i18n/catalogue'

void catalogue(firstLocale())
void import('./app')
