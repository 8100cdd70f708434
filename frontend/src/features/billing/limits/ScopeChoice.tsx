/** The API key, campaign or trunk that a limit is for. */
import { Select } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import type { Scope } from './limits'

interface ScopeChoiceProps {
  scope: Exclude<Scope, 'tenant'>
  value?: string | null
  onChange?: (id: string | null) => void
  error?: ReactNode
}

interface Named {
  id: string
  name: string
}

const MOST = { params: { query: { limit: 200 } } } as const

export function ScopeChoice({ scope, ...field }: ScopeChoiceProps) {
  const { t } = useTranslation('billing')
  const keys = $api.useQuery('get', '/api/v1/api-keys', MOST, { enabled: scope === 'api_key' })
  const campaigns = $api.useQuery('get', '/api/v1/campaigns', MOST, { enabled: scope === 'campaign' })
  const trunks = $api.useQuery('get', '/api/v1/trunks', MOST, { enabled: scope === 'trunk' })
  const query = { api_key: keys, campaign: campaigns, trunk: trunks }[scope]
  const found: readonly Named[] = query.data?.results ?? []
  return (
    <Select
      label={t(`limits.kind.${scope}`)}
      searchable
      nothingFoundMessage={t('limits.scopeNone')}
      data={found.map(({ id, name }) => ({ value: id, label: name }))}
      {...field}
      error={field.error ?? (query.isError && t('limits.scopeFailed'))}
    />
  )
}
