/** What the call costs, line by line, as it stands on the bill. */
import { Badge, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { count, exactMoney } from '@/components/format'
import { useQuantity } from '@/components/quantity'
import { eachOf, isCostComponent } from './cost'
import { Section } from './Section'
import type { CallDetail } from './useCall'

type Cost = NonNullable<CallDetail['cost']>
type Line = Cost['lines'][number]

export function CostOfCall({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const { cost } = call
  if (!cost) return null
  const { total_micros, currency, settled, lines } = cost
  return (
    <Section
      title={t('cost.title')}
      end={
        <Text fw={600} className="tl-mono">
          {settled
            ? exactMoney(total_micros, currency)
            : t('cost.held', { amount: exactMoney(total_micros, currency) })}
        </Text>
      }
    >
      {lines.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t(settled ? 'cost.nothing' : 'cost.running')}
        </Text>
      ) : (
        <Table fz="sm" verticalSpacing={4} highlightOnHover={false}>
          <Table.Tbody>
            {lines.map((line, i) => (
              <Row key={i} line={line} currency={currency} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  )
}

function Row({ line, currency }: { line: Line; currency: string }) {
  const { t } = useTranslation('calls')
  const quantity = useQuantity()
  const { component, what, unit, price_micros, per, amount_micros, own_key } = line
  const name = isCostComponent(component) ? t(`cost.component.${component}`) : component
  const each = eachOf(line)
  const price = exactMoney(price_micros, currency)
  return (
    <Table.Tr>
      <Table.Td pl={0}>
        {name}
        {what && what !== name && (
          <Text span inherit c="dimmed" ml={6}>
            {what}
          </Text>
        )}
        <Text size="xs" c="dimmed" component="div">
          {quantity(line.quantity, unit)}
          {each && ` × ${t(`cost.each.${each}`, { price, per: count(per) })}`}
          {own_key && (
            <Badge size="sm" variant="outline" ml={6}>
              {t('ownKey')}
            </Badge>
          )}
        </Text>
      </Table.Td>
      <Table.Td ta="right" pr={0} className="tl-mono" style={{ verticalAlign: 'top' }}>
        {exactMoney(amount_micros, currency)}
      </Table.Td>
    </Table.Tr>
  )
}
