/** All campaigns of the workspace. */
import { Anchor, Button, Group, Table, Text } from '@mantine/core'
import { IconPlus, IconSpeakerphone } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { May, useTenant } from '@/api/session'
import { count, Time } from '@/components/format'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import { useCampaigns } from '../data'
import { Meter } from '../shared/Meter'
import { StateBadge } from '../shared/StateBadge'
import type { CampaignItem } from '../shared/types'

export function CampaignsPage() {
  const { t } = useTranslation(['campaigns', 'common'])
  const { path } = useTenant()
  const query = useCampaigns()
  const campaigns = query.data?.pages.flatMap((page) => page.results) ?? []
  const create = (
    <May permission="campaigns.write">
      <Button component={Link} to={path('campaigns/new')} leftSection={<IconPlus size={16} />}>
        {t('new')}
      </Button>
    </May>
  )
  return (
    <Page title={t('title')} lead={t('lead')} actions={campaigns.length > 0 && create}>
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : campaigns.length > 0 ? (
        <CampaignTable campaigns={campaigns} />
      ) : (
        <Empty icon={IconSpeakerphone} title={t('emptyTitle')} text={t('emptyText')} action={create} />
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

function CampaignTable({ campaigns }: { campaigns: CampaignItem[] }) {
  const { t } = useTranslation('campaigns')
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('name')}</Table.Th>
          <Table.Th>{t('stateHead')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('progress')}</Table.Th>
          <Table.Th ta="right" visibleFrom="sm">
            {t('connected')}
          </Table.Th>
          <Table.Th ta="right" visibleFrom="sm">
            {t('converted')}
          </Table.Th>
          <Table.Th visibleFrom="md">{t('started')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {campaigns.map((campaign) => (
          <CampaignRow key={campaign.id} campaign={campaign} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function CampaignRow({ campaign }: { campaign: CampaignItem }) {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  const { id, name, agent_name, state, pause_reason, progress, started_at } = campaign
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor
          component={Link}
          to={path(state === 'draft' ? `campaigns/${id}/setup` : `campaigns/${id}`)}
          inherit
          fw={500}
          style={{ overflowWrap: 'anywhere' }}
        >
          {name}
        </Anchor>
        <Text size="sm" c="dimmed" lineClamp={1}>
          {agent_name}
        </Text>
        <Group hiddenFrom="sm" mt={4} gap={4}>
          <Meter progress={progress} />
        </Group>
      </Table.Td>
      <Table.Td>
        <StateBadge state={state} />
        {pause_reason && (
          <Text size="sm" c="dimmed" mt={2} maw={320} style={{ overflowWrap: 'anywhere' }}>
            {pause_reason}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Meter progress={progress} />
      </Table.Td>
      <Table.Td ta="right" className="tl-mono" visibleFrom="sm">
        {count(progress.connected)}
      </Table.Td>
      <Table.Td ta="right" className="tl-mono" visibleFrom="sm">
        {count(progress.converted)}
      </Table.Td>
      <Table.Td visibleFrom="md">{started_at ? <Time at={started_at} /> : t('notStarted')}</Table.Td>
    </Table.Tr>
  )
}
