/** What stands on one statement. */
import { Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { exactMoney, signedMoney } from '@/components/format'
import { useQuantity } from '@/components/quantity'
import { Loaded } from '@/components/states'
import classes from '../billing.module.css'

export function InvoiceLines({ id, currency }: { id: string; currency: string }) {
  const { t } = useTranslation('billing')
  const quantityOf = useQuantity()
  const query = $api.useQuery('get', '/api/v1/billing/invoices/{id}', { params: { path: { id } } })
  return (
    <div className={classes.inner}>
      <Loaded query={query} rows={2}>
        {({ lines, added }) =>
          lines.length + added.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('invoices.empty')}
            </Text>
          ) : (
            <Table verticalSpacing={4} fz="sm" highlightOnHover={false}>
              <Table.Tbody>
                {lines.map(({ what, quantity, unit, amount_micros }, i) => (
                  <Table.Tr key={`line ${i}`}>
                    <Table.Td>{what}</Table.Td>
                    <Table.Td ta="right" c="dimmed" visibleFrom="sm">
                      {quantityOf(quantity, unit)}
                    </Table.Td>
                    <Table.Td ta="right" className="tl-mono">
                      {exactMoney(amount_micros, currency)}
                    </Table.Td>
                  </Table.Tr>
                ))}
                {added.map(({ what, amount_micros }, i) => (
                  <Table.Tr key={`added ${i}`}>
                    <Table.Td>{what}</Table.Td>
                    <Table.Td visibleFrom="sm" />
                    <Table.Td ta="right" className="tl-mono">
                      {signedMoney(amount_micros, currency)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
    </div>
  )
}
