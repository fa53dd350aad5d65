<?php
/** Payments of customers, and lines of the bank account: what their pages do. */

/** Pays `amount` (all of it where none is named) of an invoice. */
$acts['pay'] = function (array $a) {
    global $db, $user;
    $invoice = fetched('Facture', $a['invoice']);
    $payment = new Paiement($db);
    $payment->datepaye = day($a['date']);
    $payment->amounts = array($invoice->id => price2num($a['amount'] ?? $invoice->total_ttc, 'MT'));
    $payment->paiementid = 2;
    $payment->paiementcode = 'VIR';
    check($payment->create($user, 1), $payment, 'pay');
    check($payment->addPaymentToBank($user, 'payment', '(CustomerInvoicePayment)', $a['account'], '', ''), $payment, 'book a payment');
    return $payment->id;
};
$acts['deletePayment'] = fn (array $a) => on('Paiement', $a, fn ($it, $user) => $it->delete($user));
$acts['paymentDate'] = fn (array $a) => on('Paiement', $a, fn ($it) => $it->update_date(day($a['date'])) === 0 ? 1 : -1);
$acts['paymentNumber'] = fn (array $a) => on('Paiement', $a, fn ($it) => $it->update_num('CHQ-12') === 0 ? 1 : -1);
$acts['validatePayment'] = fn (array $a) => on('Paiement', $a, fn ($it, $user) => $it->validate($user));
$acts['rejectPayment'] = fn (array $a) => on('Paiement', $a, fn ($it, $user) => $it->reject($user));
$acts['bankLineOf'] = fn (array $a) => (int) rows("SELECT fk_bank FROM llx_{$a['table']} WHERE rowid = {$a['id']}", array())[0]['fk_bank'];

$acts['bankLine'] = function (array $a) {
    global $user;
    $account = fetched('Account', $a['account']);
    return check($account->addline(day($a['date']), 'VIR', $a['label'], $a['amount'], '', 0, $user), $account, 'add a line');
};
/** As `compta/bank/line.php` does, which has no class for it. */
$acts['editBankLine'] = fn (array $a) => on('AccountLine', $a, function ($it, $user) use ($a) {
    $it->amount = $a['amount'];
    check($it->update($user), $it, 'change a line');
    $it->label = 'Other label';
    check($it->updateLabel() >= 0 ? 1 : -1, $it, 'change a label');
    return $it->datev_change($it->id, 1) >= 0 ? 1 : -1;
});
$acts['reconcile'] = fn (array $a) => on('AccountLine', $a, function ($it, $user) use ($a) {
    $it->num_releve = $a['statement'] ?? '202611';
    return $it->update_conciliation($user, 0, 1);
});
$acts['free'] = fn (array $a) => on('AccountLine', $a, function ($it, $user) {
    $it->num_releve = '';
    return $it->update_conciliation($user, 0, 0);
});
$acts['deleteBankLine'] = fn (array $a) => on('AccountLine', $a, fn ($it, $user) => $it->delete($user));
