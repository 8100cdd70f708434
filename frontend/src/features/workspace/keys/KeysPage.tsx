import { Button, Switch } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { byCursor } from '@/api/pages'
import { May } from '@/api/session'
import { More } from '@/components/More'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import { stateOf } from '../scopes'
import { KeyTable } from './KeyTable'
import { NewKey } from './NewKey'

export function KeysPage() {
  const { t } = useTranslation('workspace')
  const [making, { open, close }] = useDisclosure()
  const [old, setOld] = useState(false)
  const query = $api.useInfiniteQuery(
    'get',
    '/api/v1/api-keys',
    { params: { query: { limit: 200 } } },
    byCursor,
  )
  const keys = query.data?.pages.flatMap((page) => page.results) ?? []
  const shown = old ? keys : keys.filter((key) => stateOf(key) === 'active')
  const create = (
    <May permission="keys.write">
      <Button leftSection={<IconPlus size={16} />} onClick={open}>
        {t('keyNew')}
      </Button>
    </May>
  )
  return (
    <Page title={t('keysTitle')} lead={t('keysLead')} actions={shown.length > 0 && create}>
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Loading />}
      {query.isSuccess && shown.length === 0 && (
        <Empty icon={IconKey} title={t('keysEmptyTitle')} text={t('keysEmptyText')} action={create} />
      )}
      {shown.length > 0 && <KeyTable keys={shown} />}
      <More query={query} />
      {shown.length < keys.length || old ? (
        <Switch
          label={t('keysShowOld')}
          checked={old}
          onChange={(event) => setOld(event.currentTarget.checked)}
        />
      ) : null}
      <NewKey opened={making} onClose={close} />
    </Page>
  )
}
