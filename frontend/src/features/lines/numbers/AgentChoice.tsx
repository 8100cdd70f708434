/** A choice among the workspace's agents. */
import { Select, type SelectProps } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useAgents } from '../data'

export function AgentChoice(props: SelectProps) {
  const { t } = useTranslation('lines')
  const { data, isError } = useAgents()
  const agents = data?.results ?? []
  const known = agents.map(({ id, name }) => ({ value: id, label: name }))
  // One that is not among the first 200 is still shown as chosen.
  const missing = props.value && !agents.some(({ id }) => id === props.value)
  return (
    <Select
      searchable
      clearable
      placeholder={t('nobody')}
      nothingFoundMessage={t('noSuchAgent')}
      error={isError && t('agentsFailed')}
      w="100%"
      maw={260}
      {...props}
      data={missing ? [...known, { value: props.value!, label: t('anAgent') }] : known}
    />
  )
}
