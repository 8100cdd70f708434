/**
 * A new trunk, step by step: what is to be connected, only what that needs, then the values to copy. Each step
 * is checked by the server (a dry run) before the next one opens; nothing typed is lost.
 */
import { Button, Group, Stack, Stepper, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { FormProblem } from '@/components/forms'
import { type Trunk, useRefresh } from '../../data'
import { useWords } from '../faults'
import { Ready } from '../Ready'
import { check, emptyTrunk, fromForm, placeOf, type TrunkForm, wordsOf } from '../values'
import { CallsStep } from './CallsStep'
import { ConnectionStep } from './ConnectionStep'
import { type Account, faultsUpTo, type Kind, newAccount, startOf, type Step, STEPS } from './kinds'
import { KindStep } from './KindStep'
import classes from './setup.module.css'

export function Setup() {
  const { t } = useTranslation('lines')
  const [account] = useState<Account>(newAccount)
  const [kind, setKind] = useState<Kind | null>(null)
  const [step, setStep] = useState<Step | null>(null)
  const [made, setMade] = useState<Trunk | null>(null)
  const form = useForm<TrunkForm>({ initialValues: emptyTrunk() })
  const checked = useChecked(form, (found) => setStep(found))
  const refresh = useRefresh()

  const choose = (chosen: Kind) => {
    if (chosen !== kind) {
      // What has been typed goes on, as far as the other kind has it.
      form.setValues({ ...startOf(chosen, account), name: form.values.name })
      form.clearErrors()
      setKind(chosen)
    }
    setStep('connection')
  }
  const next = async () => {
    if (step === 'connection' && (await checked.run('connection', true))) setStep('calls')
    if (step === 'calls') {
      const trunk = await checked.run('calls', false)
      if (trunk) {
        refresh()
        setMade(trunk)
      }
    }
  }
  const at = made ? STEPS.length + 1 : step ? STEPS.indexOf(step) + 1 : 0
  return (
    <Stack gap="xl" maw={860}>
      <Stepper
        active={at}
        size="sm"
        onStepClick={(n) => setStep(n === 0 ? null : STEPS[n - 1]!)}
        aria-label={t('setupSteps')}
        iconSize={30}
        classNames={{ step: classes.step, stepBody: classes.stepBody, separator: classes.separator }}
      >
        <Stepper.Step label={t('stepKind')} allowStepSelect={!made} />
        <Stepper.Step label={t('stepConnection')} allowStepSelect={!made && at > 1} />
        <Stepper.Step label={t('stepCalls')} allowStepSelect={false} />
        <Stepper.Step label={t('stepValues')} allowStepSelect={false} />
      </Stepper>
      {made ? (
        <Ready trunk={made} password={form.values.inbound_password || undefined} />
      ) : step && kind ? (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void next()
          }}
        >
          <Stack gap="lg">
            <Title order={2}>{t(`setup.${kind}.title`)}</Title>
            {step === 'connection' ? (
              <ConnectionStep form={form} kind={kind} account={account} />
            ) : (
              <CallsStep form={form} kind={kind} />
            )}
            <FormProblem text={checked.problem} />
            <Group justify="space-between">
              <Button variant="default" onClick={() => setStep(step === 'calls' ? 'connection' : null)}>
                {t('back')}
              </Button>
              <Button type="submit" loading={checked.busy}>
                {step === 'calls' ? t('createTrunk') : t('next')}
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <KindStep chosen={kind} onChoose={choose} />
      )}
    </Stack>
  )
}

/** Checks the form here, then by the server; faults of a step go to their fields, and the page goes to that step. */
function useChecked(form: ReturnType<typeof useForm<TrunkForm>>, goTo: (step: Step) => void) {
  const words = useWords()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  /** Whether no fault stands in the way. */
  const show = (step: Step, faults: Record<string, string>): boolean => {
    const { step: first, shown } = faultsUpTo(step, faults)
    form.setErrors(shown)
    if (first) goTo(first)
    return first === null
  }
  const run = async (step: Step, dry: boolean): Promise<Trunk | null> => {
    setProblem(null)
    const values = form.getValues()
    if (!show(step, check(values, undefined, words))) return null
    setBusy(true)
    try {
      const query = dry ? { dry_run: true } : {}
      const { data } = await api.POST('/api/v1/trunks', { params: { query }, body: fromForm(values) })
      return data!
    } catch (error) {
      const { errors, detail } = asProblem(error)
      const faults = errors.map(({ field, detail: why }) => [
        placeOf(field, values),
        wordsOf(field, why, values),
      ])
      const clear = show(step, Object.fromEntries(faults))
      // What belongs to no field yet asked.
      if (clear) setProblem(detail)
      return null
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, run }
}
