/** The vendors that listen, think and speak, and the workspace's own keys at them. */
import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { Page } from '@/components/Page'
import { Failed, Loaded } from '@/components/states'
import { useOffers } from '@/components/vendors/offer'
import { localOnes, rowsOf } from './rows'
import { VendorTable } from './VendorTable'

export function VendorsPage() {
  const { t } = useTranslation('workspace')
  const { query: catalog } = useOffers()
  const keys = $api.useQuery('get', '/api/v1/vendor-keys', { params: { query: { limit: 200 } } })
  return (
    <Page title={t('vendorsTitle')} lead={t('vendorsLead')}>
      {keys.isError && <Failed error={keys.error} retry={() => void keys.refetch()} />}
      {!keys.isError && (
        <Loaded query={catalog} rows={10}>
          {({ vendors }) => (
            <Loaded query={keys} rows={10}>
              {({ results }) => (
                <Stack gap="md">
                  <VendorTable rows={rowsOf(vendors, results)} />
                  <Text size="sm" c="dimmed">
                    {t('vendorsLocal', { names: localOnes(vendors).join(', ') })}
                  </Text>
                </Stack>
              )}
            </Loaded>
          )}
        </Loaded>
      )}
    </Page>
  )
}
