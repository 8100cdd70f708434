/** The numbers that reach the agent. */
import { Alert, Anchor, Button, Stack, Table, Text } from '@mantine/core'
import { IconHash, IconInfoCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { Phone } from '@/components/format'
import { Empty, Loaded } from '@/components/states'
import type { Agent } from './data'

export function NumbersOf({ agent }: { agent: Agent }) {
  const { t } = useTranslation('agents')
  const { path } = useTenant()
  const query = $api.useQuery('get', '/api/v1/numbers', {
    params: { query: { agent: agent.id, limit: 200 } },
  })
  return (
    <Loaded query={query}>
      {({ results }) =>
        results.length === 0 ? (
          <Empty
            icon={IconHash}
            title={t('noNumbersTitle')}
            text={t('noNumbersText')}
            action={
              <Button component={Link} to={path('numbers')}>
                {t('toNumbers')}
              </Button>
            }
          />
        ) : (
          <Stack gap="sm">
            {!agent.published_version && (
              <Alert color="amber" icon={<IconInfoCircle size={18} />}>
                {t('numbersNotPublished')}
              </Alert>
            )}
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('number')}</Table.Th>
                  <Table.Th>{t('label')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {results.map((number) => (
                  <Table.Tr key={number.id}>
                    <Table.Td>
                      <Phone number={number.e164} />
                    </Table.Td>
                    <Table.Td>
                      {number.label || (
                        <Text span c="dimmed">
                          {t('none')}
                        </Text>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            <Anchor component={Link} to={path('numbers')} size="sm">
              {t('toNumbers')}
            </Anchor>
          </Stack>
        )
      }
    </Loaded>
  )
}
