/** One trunk: what goes on, how it did, its settings. The id `new` makes one. */
import { Button, Tabs } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { May, useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Page } from '@/components/Page'
import { PlaceCall } from '@/components/place/PlaceCall'
import { Loaded } from '@/components/states'
import { useTab } from '@/components/useTab'
import { type Trunk, useLiveTrunk, useRefresh } from '../data'
import { TrunkConnection } from './Connection'
import { Overview } from './live/Overview'
import { TrunkFields } from './settings/TrunkFields'
import { Setup } from './setup/Setup'

export function TrunkPage() {
  const { id = '' } = useParams({ strict: false })
  return id === 'new' ? <NewTrunk /> : <OpenTrunk key={id} id={id} />
}

function NewTrunk() {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  return (
    <Page title={t('newTrunk')} lead={t('newTrunkLead')} back={{ to: path('trunks'), label: t('trunks') }}>
      <Setup />
    </Page>
  )
}

function OpenTrunk({ id }: { id: string }) {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const [tab, setTab] = useTab(TABS)
  const query = useLiveTrunk(id)
  if (query.error && asProblem(query.error).status === 404) throw query.error
  const trunk = query.data
  return (
    <Page
      title={trunk?.name ?? t('trunk')}
      lead={trunk && t(`directionLeads.${trunk.direction}`)}
      back={{ to: path('trunks'), label: t('trunks') }}
      actions={
        trunk && (
          <>
            {trunk.direction !== 'inbound' && <PlaceCall variant="default" />}
            <DeleteTrunk trunk={trunk} />
          </>
        )
      }
    >
      <Loaded query={query} rows={8}>
        {(live) => (
          // A tab that has been opened stays as it is: nothing typed in it is lost.
          <Tabs value={tab} onChange={setTab}>
            <Tabs.List mb="lg">
              <Tabs.Tab value="overview">{t('overview')}</Tabs.Tab>
              <Tabs.Tab value="settings">{t('settings')}</Tabs.Tab>
              <Tabs.Tab value="values">{t('valuesTab')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="overview">
              <Overview trunk={live} />
            </Tabs.Panel>
            <Tabs.Panel value="settings">
              <Settings id={id} />
            </Tabs.Panel>
            <Tabs.Panel value="values">
              <TrunkConnection trunk={live} />
            </Tabs.Panel>
          </Tabs>
        )}
      </Loaded>
    </Page>
  )
}

const TABS = ['overview', 'settings', 'values'] as const

interface Read {
  trunk: Trunk
  etag: string
}

function Settings({ id }: { id: string }) {
  const { tenant } = useTenant()
  const queries = useQueryClient()
  const queryKey = ['trunk', tenant.id, id]
  const query = useQuery({
    queryKey,
    queryFn: async (): Promise<Read> => {
      const { data, response } = await api.GET('/api/v1/trunks/{id}', { params: { path: { id } } })
      return { trunk: data!, etag: response.headers.get('ETag') ?? '' }
    },
    // What is being edited must not change under the hands.
    staleTime: Infinity,
    gcTime: 0,
  })
  return (
    <Loaded query={query} rows={8}>
      {({ trunk, etag }) => (
        <TrunkFields
          // Another state is another form: after saving, and after loading what somebody else saved.
          key={etag}
          trunk={trunk}
          etag={etag}
          onSaved={(saved, newTag) => queries.setQueryData(queryKey, { trunk: saved, etag: newTag })}
          onReload={() => void query.refetch()}
        />
      )}
    </Loaded>
  )
}

function DeleteTrunk({ trunk }: { trunk: Trunk }) {
  const { t } = useTranslation('lines')
  const { t: common } = useTranslation('common')
  const { path } = useTenant()
  const navigate = useNavigate()
  const refresh = useRefresh()
  const remove = async () => {
    try {
      await api.DELETE('/api/v1/trunks/{id}', { params: { path: { id: trunk.id } } })
      done(t('trunkDeleted', { name: trunk.name }))
      await navigate({ to: path('trunks') })
      refresh()
    } catch (error) {
      failed(error)
    }
  }
  return (
    <May permission="trunks.write">
      <Button
        variant="default"
        leftSection={<IconTrash size={16} />}
        onClick={() =>
          confirmDanger({
            title: t('deleteTrunk', { name: trunk.name }),
            text: t('deleteTrunkText'),
            confirm: common('delete'),
            cancel: common('cancel'),
            onConfirm: () => void remove(),
          })
        }
      >
        {common('delete')}
      </Button>
    </May>
  )
}
