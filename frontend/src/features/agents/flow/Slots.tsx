/** The lists of words that the phrases of script steps may hold. */
import { useTranslation } from 'react-i18next'
import { Pairs } from './Pairs'
import type { FlowEdit } from './useFlow'

export function Slots({ edit: { flow, change } }: { edit: FlowEdit }) {
  const { t } = useTranslation('agents')
  if (!Object.values(flow.nodes).some(({ kind }) => kind === 'listen')) return null
  const value = Object.fromEntries(
    Object.entries(flow.slots).map(([name, words]) => [name, words.join(', ')]),
  )
  return (
    <Pairs
      label={t('flow.slots')}
      description={t('flow.slotsHelp', { slot: '{name}' })}
      value={value}
      add={t('flow.addSlot')}
      onChange={(next) => change({ ...flow, slots: split(next) }, 'slots')}
    />
  )
}

const split = (lists: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(lists).map(([name, words]) => [
      name,
      words
        .split(',')
        .map((word) => word.trim())
        .filter(Boolean),
    ]),
  )
