/** What was found, each with its price and what it can do. */
import { Badge, Button, Group, Table, Text, VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { May } from '@/api/session'
import { countryName } from '@/components/countries'
import { exactMoney, Phone, phone } from '@/components/format'
import { type Available, useSellers } from '../data'
import { CAPABILITIES } from './search'

interface FoundProps {
  numbers: readonly Available[]
  onChoose: (number: Available) => void
}

export function Found({ numbers, onChoose }: FoundProps) {
  const { t } = useTranslation('lines')
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('number')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('buy.where')}</Table.Th>
          <Table.Th visibleFrom="md">{t('buy.capabilities')}</Table.Th>
          <Table.Th ta="right">{t('buy.price')}</Table.Th>
          <Table.Th w={90}>
            <VisuallyHidden>{t('actions')}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {numbers.map((number) => (
          <Row key={`${number.carrier} ${number.e164}`} number={number} onChoose={() => onChoose(number)} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Row({ number, onChoose }: { number: Available; onChoose: () => void }) {
  const { t } = useTranslation('lines')
  const { e164, monthly_micros, setup_micros, currency, requires } = number
  const where = placeOf(number)
  const sellers = useSellers().data?.results ?? []
  const seller = sellers.length > 1 ? sellers.find(({ name }) => name === number.carrier) : undefined
  return (
    <Table.Tr>
      <Table.Td>
        <Phone number={e164} />
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {where}
        </Text>
        {seller && (
          <Text size="xs" c="dimmed">
            {seller.name === 'sandbox' ? t('buy.ofSandbox') : seller.label}
          </Text>
        )}
        {requires.length > 0 && (
          <Badge color="gray" variant="outline">
            {t('buy.needsPapers')}
          </Badge>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">{where}</Table.Td>
      <Table.Td visibleFrom="md">
        <Capabilities of={number.capabilities} />
      </Table.Td>
      <Table.Td ta="right">
        <Text size="sm" className="tl-mono">
          {t('rental', { price: exactMoney(monthly_micros, currency) })}
        </Text>
        {setup_micros > 0 && (
          <Text size="xs" c="dimmed">
            {t('buy.setup', { price: exactMoney(setup_micros, currency) })}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">
        <May permission="numbers.write">
          <Button
            size="xs"
            variant="default"
            onClick={onChoose}
            aria-label={t('buy.one', { number: phone(e164) })}
          >
            {t('buy.buy')}
          </Button>
        </May>
      </Table.Td>
    </Table.Tr>
  )
}

const placeOf = ({ locality, region, country }: Available): string =>
  [locality, region, countryName(country)].filter(Boolean).join(', ')

export function Capabilities({ of }: { of: readonly string[] }) {
  const { t } = useTranslation('lines')
  return (
    <Group gap={4}>
      {CAPABILITIES.filter((name) => of.includes(name)).map((name) => (
        <Badge key={name} color="gray">
          {t(`buy.capability.${name}`)}
        </Badge>
      ))}
    </Group>
  )
}
