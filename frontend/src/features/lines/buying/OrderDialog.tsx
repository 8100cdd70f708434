/** Buying one number: what it costs, whom it reaches, and the papers that its country wants. */
import { Modal } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { phone } from '@/components/format'
import { Loaded } from '@/components/states'
import { type Available, useRequirements } from '../data'
import { OrderForm } from './OrderForm'

export function OrderDialog({ number, onClose }: { number: Available | null; onClose: () => void }) {
  const { t } = useTranslation('lines')
  return (
    <Modal
      opened={number !== null}
      onClose={onClose}
      title={number && t('buy.one', { number: phone(number.e164) })}
      size="lg"
    >
      {number && <Ordering key={number.e164} number={number} onClose={onClose} />}
    </Modal>
  )
}

function Ordering({ number, onClose }: { number: Available; onClose: () => void }) {
  const { carrier, country, type } = number
  const requirements = useRequirements({ carrier, country, type })
  return (
    <Loaded query={requirements} rows={5}>
      {(wanted) => <OrderForm number={number} wanted={wanted} onClose={onClose} />}
    </Loaded>
  )
}
