import { Anchor, Paper, Table, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Group } from './figures'
import { Heads, Numbers } from './PartsTable'

/** The slowest first: they want a look. */
export function AgentTable({
  groups,
  onChoose,
}: {
  groups: readonly Group[]
  onChoose: (id: string) => void
}) {
  const { t } = useTranslation('latency')
  const rows = groups.filter(({ parts }) => parts.total)
  if (rows.length === 0) return null
  rows.sort((a, b) => b.parts.total!.p95_ms - a.parts.total!.p95_ms)
  return (
    <Paper component="section" p="md" aria-label={t('byAgent')}>
      <Title order={2} size="h3" mb="sm">
        {t('byAgent')}
      </Title>
      <Table fz="sm">
        <Heads first={t('agent')} />
        <Table.Tbody>
          {rows.map(({ agent, agent_name, parts }) => (
            <Table.Tr key={agent ?? 'none'}>
              <Table.Td>
                {agent ? (
                  <Anchor
                    component="button"
                    type="button"
                    size="sm"
                    ta="left"
                    onClick={() => onChoose(agent)}
                  >
                    {agent_name ?? agent}
                  </Anchor>
                ) : (
                  t('noAgent')
                )}
              </Table.Td>
              <Numbers figures={parts.total!} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  )
}
