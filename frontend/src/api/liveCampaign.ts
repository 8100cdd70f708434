/** A campaign as the live socket tells of it; it is told anew whenever something of it changes. */
import { useCallback, useSyncExternalStore } from 'react'
import { type Feed, feed, type Shown, socketUrl } from './feed'
import { useTenant } from './session'

/** What was told last: `P` as GET /campaigns/{id}/progress answers; null before the first message. */
export interface CampaignTold<P> {
  progress: P | null
  /** Counts the changes of state: whoever shows more of the campaign reads it again. */
  changes: number
}

type Told = CampaignTold<unknown>

export type CampaignMessage =
  { type: 'progress'; campaign: string; progress: unknown } | { type: 'state'; campaign: string }

const NOTHING: Told = { progress: null, changes: 0 }
const feeds = new Map<string, Feed<Told, CampaignMessage>>()

export function onCampaignMessage(told: Told, message: CampaignMessage): Told {
  if (message.type === 'progress') return { ...told, progress: message.progress }
  if (message.type === 'state') return { ...told, changes: told.changes + 1 }
  return told
}

function campaignFeed(tenant: string, campaign: string): Feed<Told, CampaignMessage> {
  return feed(feeds, `${tenant} ${campaign}`, {
    url: socketUrl('campaigns', tenant),
    initial: NOTHING,
    hello: () => ({ type: 'subscribe', campaign }),
    reduce: onCampaignMessage,
  })
}

export function useLiveCampaign<P>(campaign: string): Shown<CampaignTold<P>> {
  const { tenant } = useTenant()
  const watch = useCallback(
    (watcher: () => void) => campaignFeed(tenant.id, campaign).watch(watcher),
    [tenant.id, campaign],
  )
  const get = useCallback(() => campaignFeed(tenant.id, campaign).get(), [tenant.id, campaign])
  return useSyncExternalStore(watch, get) as Shown<CampaignTold<P>>
}
