/** Stops that are over: what happened, and who lifted them. */
import { Stack, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { exactTime } from '@/components/format'
import { useStops } from './useStops'

export function Stops() {
  const { t } = useTranslation('billing')
  const { data } = useStops()
  const over = data?.results.filter(({ lifted_at }) => lifted_at !== null) ?? []
  if (over.length === 0) return null
  return (
    <Stack gap="sm" component="section" aria-label={t('stops.title')}>
      <Title order={2} size="h3">
        {t('stops.title')}
      </Title>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('stops.why')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('stops.began')}</Table.Th>
            <Table.Th>{t('stops.ended')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {over.map(({ id, words, created_at, lifted_at, lifted_by }) => (
            <Table.Tr key={id}>
              <Table.Td>{words}</Table.Td>
              <Table.Td visibleFrom="sm">{exactTime(created_at)}</Table.Td>
              <Table.Td>
                {exactTime(lifted_at!)}
                <Text size="xs" c="dimmed">
                  {lifted_by || t('stops.itself')}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  )
}
