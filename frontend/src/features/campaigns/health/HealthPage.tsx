/** How caller numbers do, and which of them rest. */
import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHeartbeat } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { phone } from '@/components/format'
import { HealthBadge } from '@/components/numberHealth'
import { Empty, Failed, Loading } from '@/components/states'
import { Details } from './Details'

type Health = components['schemas']['CallerHealth']

export function HealthPage() {
  const { t } = useTranslation(['campaigns', 'common'])
  const { path } = useTenant()
  const query = $api.useInfiniteQuery('get', '/api/v1/numbers/health', { params: { query: {} } }, byCursor)
  const numbers = query.data?.pages.flatMap((page) => page.results) ?? []
  return (
    <Page
      title={t('health.title')}
      lead={t('health.lead')}
      back={{ to: path('numbers'), label: t('health.toNumbers') }}
    >
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : numbers.length === 0 ? (
        <Empty icon={IconHeartbeat} title={t('health.emptyTitle')} text={t('health.emptyText')} />
      ) : (
        <Stack gap="xl">
          {numbers.map((one) => (
            <OneNumber key={one.number} health={one} />
          ))}
        </Stack>
      )}
      {query.hasNextPage && (
        <Group>
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('common:loadMore')}
          </Button>
        </Group>
      )}
    </Page>
  )
}

function OneNumber({ health }: { health: Health }) {
  const { t } = useTranslation('campaigns')
  const [opened, { toggle }] = useDisclosure()
  const { state, words, rest } = health
  const number = phone(health.e164)
  return (
    <Stack gap="xs" component="section" aria-label={number}>
      <Group gap="sm">
        <Title order={2} size="h3" className="tl-mono">
          {number}
        </Title>
        <HealthBadge state={state} />
        <Button
          size="xs"
          variant="default"
          aria-expanded={opened}
          aria-label={t('health.detailsOf', { number })}
          onClick={toggle}
        >
          {t('health.details')}
        </Button>
      </Group>
      <Text size="sm">
        {rest
          ? t('health.restingUntil', {
              until: dayjs(rest.until).format('ddd D MMM, HH:mm'),
              reason: rest.reason || t('health.byHand'),
            })
          : words}
      </Text>
      {opened && <Details id={health.number} />}
    </Stack>
  )
}
