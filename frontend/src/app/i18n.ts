/**
 * Texts. What every page needs is here; those of a feature come with its pages. A language more is one
 * object more with the same keys.
 */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { analysis } from '@/components/analysis/texts'
import { call } from '@/components/call/texts'
import { flow } from '@/components/flow/texts'
import { place } from '@/components/place/texts'
import { talk } from '@/components/talk/texts'
import { common } from '@/components/texts'
import { vendors } from '@/components/vendors/texts'
import type { accounts } from '@/features/accounts/texts'
import type { agents } from '@/features/agents/texts'
import type { billing } from '@/features/billing/texts'
import type { calls } from '@/features/calls/texts'
import type { campaigns } from '@/features/campaigns/texts'
import type { home } from '@/features/home/texts'
import type { knowledge } from '@/features/knowledge/texts'
import type { latency } from '@/features/latency/texts'
import type { lines } from '@/features/lines/texts'
import type { privacy } from '@/features/privacy/texts'
import type { share } from '@/features/share/texts'
import type { start } from '@/features/start/texts'
import type { webhooks } from '@/features/webhooks/texts'
import type { workspace } from '@/features/workspace/texts'
import { shell } from './shell/texts'

interface FeatureTexts {
  accounts: typeof accounts
  agents: typeof agents
  billing: typeof billing
  calls: typeof calls
  campaigns: typeof campaigns
  home: typeof home
  knowledge: typeof knowledge
  latency: typeof latency
  lines: typeof lines
  privacy: typeof privacy
  share: typeof share
  start: typeof start
  webhooks: typeof webhooks
  workspace: typeof workspace
}

const en = { common, analysis, call, flow, place, talk, vendors, shell }

export type Texts = typeof en & FeatureTexts

/** Puts a feature's texts in place before its first page is drawn. */
export function withTexts<N extends keyof FeatureTexts, M extends { texts: FeatureTexts[N] }>(
  name: N,
  load: () => Promise<M>,
): () => Promise<Omit<M, 'texts'>> {
  return async () => {
    const pages = await load()
    i18next.addResourceBundle('en', name, pages.texts)
    return pages
  }
}

void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en },
  interpolation: { escapeValue: false },
  returnNull: false,
})
