/** Words for what the server names; what it learnt later is told by its own name. */
import { useTranslation } from 'react-i18next'

type Group = 'outcome' | 'reason' | 'contactState'

export function useWord() {
  const { t, i18n } = useTranslation('campaigns')
  return (group: Group, name: string): string =>
    i18n.exists(`${group}.${name}`, { ns: 'campaigns' })
      ? t(`${group}.${name}` as 'outcome.busy')
      : name.replaceAll('_', ' ')
}
