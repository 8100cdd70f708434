/** All texts. A language more is one object more with the same keys. */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { call } from '@/components/call/texts'
import { place } from '@/components/place/texts'
import { talk } from '@/components/talk/texts'
import { common } from '@/components/texts'
import { vendors } from '@/components/vendors/texts'
import { accounts } from '@/features/accounts/texts'
import { agents } from '@/features/agents/texts'
import { calls } from '@/features/calls/texts'
import { home } from '@/features/home/texts'
import { lines } from '@/features/lines/texts'
import { start } from '@/features/start/texts'
import { workspace } from '@/features/workspace/texts'
import { shell } from './shell/texts'

export const en = {
  common,
  call,
  place,
  talk,
  vendors,
  shell,
  accounts,
  agents,
  calls,
  home,
  lines,
  start,
  workspace,
}

void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en },
  interpolation: { escapeValue: false },
  returnNull: false,
})
