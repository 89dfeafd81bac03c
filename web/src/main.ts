/** Fetches the app, its words and what its first page shows at the same time, and starts it. */
import { conversationsSince } from './features/chat/addresses'
import { askAhead } from './kit/ahead'
import { firstLocale, firstWords } from './kit/i18n/catalogue'

void askAhead(['/api/town'], '/api/me', [conversationsSince(0)])
void firstWords(firstLocale())
void import('./app')
