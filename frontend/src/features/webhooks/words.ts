/** The server's names in words; a name that is new is shown as it is. */
import { useTranslation } from 'react-i18next'

const FAMILIES = [
  'call',
  'transfer',
  'campaign',
  'contact',
  'number',
  'trunk',
  'billing',
  'payment',
  'callback',
  'message',
  'webhook',
] as const

export function useFamilyName() {
  const { t } = useTranslation('webhooks')
  return (name: string): string => {
    const known = FAMILIES.find((one) => one === name)
    return known ? t(`family.${known}`) : name
  }
}

interface Told {
  state: string
  failing_since: string | null
}

export type EndpointMood = 'active' | 'failing' | 'disabled'

export const moodOf = ({ state, failing_since }: Told): EndpointMood =>
  state === 'disabled' ? 'disabled' : failing_since ? 'failing' : 'active'

/** "https://hooks.example.com/calls" -> "hooks.example.com/calls": what is worth reading first. */
export const shortAddress = (url: string): string => url.replace(/^https?:\/\//, '').replace(/\/$/, '')
