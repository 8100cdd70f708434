/**
 * The phones of the sandbox, to choose from. A list in the form, not over it: what comes after it stays in
 * sight and within reach.
 */
import { Radio } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { phone } from '@/components/format'
import { SANDBOX_PHONES } from './place'
import classes from './place.module.css'

interface Props {
  /** E.164. */
  chosen: string | null
  onChoose: (number: string) => void
}

export function SandboxPhones({ chosen, onChoose }: Props) {
  const { t } = useTranslation('place')
  return (
    <Radio.Group value={chosen} onChange={onChoose} label={t('sandboxPhones')} size="xs">
      <div className={classes.phones} data-scrolls>
        {SANDBOX_PHONES.map(([number, what]) => (
          <Radio.Card
            key={number}
            value={number}
            className={classes.phone}
            // The field above keeps the focus: a fault that it found on losing it would move this away
            // between the press and the click.
            onMouseDown={(event) => event.preventDefault()}
          >
            <Radio.Indicator size="xs" />
            <span className="tl-mono">{phone(number)}</span>
            <span className={classes.what}>{t(what)}</span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  )
}
