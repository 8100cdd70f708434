/** One trunk: made, changed, deleted. The id `new` makes one. */
import { Button } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { May, useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Page } from '@/components/Page'
import { Loaded } from '@/components/states'
import { type Trunk, useRefresh } from '../data'
import { Connection } from './Connection'
import { TrunkFields } from './TrunkFields'

export function TrunkPage() {
  const { id = '' } = useParams({ strict: false })
  return id === 'new' ? <NewTrunk /> : <OpenTrunk id={id} />
}

function NewTrunk() {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  const navigate = useNavigate()
  return (
    <Page title={t('newTrunk')} lead={t('newTrunkLead')} back={{ to: path('trunks'), label: t('trunks') }}>
      <TrunkFields onSaved={(trunk) => void navigate({ to: path(`trunks/${trunk.id}`), replace: true })} />
      <Connection />
    </Page>
  )
}

interface Read {
  trunk: Trunk
  etag: string
}

function OpenTrunk({ id }: { id: string }) {
  const { t } = useTranslation('lines')
  const { tenant, path } = useTenant()
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
  if (query.error && asProblem(query.error).status === 404) throw query.error
  return (
    <Page
      title={query.data?.trunk.name ?? t('trunk')}
      back={{ to: path('trunks'), label: t('trunks') }}
      actions={query.data && <DeleteTrunk trunk={query.data.trunk} />}
    >
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
      <Connection />
    </Page>
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
      refresh()
      done(t('trunkDeleted', { name: trunk.name }))
      await navigate({ to: path('trunks') })
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
