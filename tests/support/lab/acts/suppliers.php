<?php
/** Suppliers' invoices and their payments: what their pages do. */

$acts['supplierInvoice'] = function (array $a) {
    global $db, $user;
    $invoice = new FactureFournisseur($db);
    $invoice->socid = $a['party'];
    $invoice->ref_supplier = $a['ref'];
    $invoice->type = FactureFournisseur::TYPE_STANDARD;
    $invoice->date = day($a['date']);
    $invoice->date_echeance = $invoice->date + 30 * 86400;
    $invoice->label = 'Bought ' . $a['ref'];
    check($invoice->create($user), $invoice, 'create a supplier invoice');
    foreach ($a['prices'] as $price) {
        check($invoice->addline("Bought for $price", $price, 19.6, 0, 0, 1), $invoice, 'add a line');
    }
    return empty($a['draft']) ? supplier_validated($invoice->id) : $invoice->id;
};
$acts['validateSupplier'] = fn (array $a) => supplier_validated($a['id']);
$acts['reopenSupplier'] = fn (array $a) => on('FactureFournisseur', $a, fn ($it, $user) => $it->setDraft($user));
$acts['correctSupplierLines'] = fn (array $a) => on('FactureFournisseur', $a, fn ($it) =>
    $it->updateline($it->lines[0]->id, 'Other', $a['price'], 19.6, 0, 0, 2));
$acts['editSupplier'] = fn (array $a) => on('FactureFournisseur', $a, function ($it, $user) use ($a) {
    $it->ref_supplier = 'THEIRS-' . $it->id;
    $it->label = 'Other label';
    $it->date = day($a['date']);
    return $it->update($user);
});
$acts['recalculate'] = fn (array $a) => on('FactureFournisseur', $a, fn ($it) =>
    $it->update_price(0, (string) $a['mode'], 0, $it->thirdparty));
$acts['deleteSupplier'] = fn (array $a) => on('FactureFournisseur', $a, fn ($it, $user) => $it->delete($user));
$acts['abandonSupplier'] = fn (array $a) => on('FactureFournisseur', $a, fn ($it, $user) => $it->setCanceled($user, 'abandon', ''));
$acts['supplierRate'] = fn (array $a) => on('FactureFournisseur', $a, fn ($it) => $it->setMulticurrencyRate($a['rate'], 1));

$acts['paySupplier'] = function (array $a) {
    global $db, $user;
    $invoice = fetched('FactureFournisseur', $a['invoice']);
    $payment = new PaiementFourn($db);
    $payment->datepaye = day($a['date']);
    $payment->amounts = array($invoice->id => price2num($a['amount'] ?? $invoice->total_ttc, 'MT'));
    $payment->paiementid = 2;
    $payment->paiementcode = 'VIR';
    check($payment->create($user, 1), $payment, 'pay a supplier');
    check(
        $payment->addPaymentToBank($user, 'payment_supplier', '(SupplierInvoicePayment)', $a['account'], '', ''),
        $payment,
        'book a payment'
    );
    return $payment->id;
};
$acts['deleteSupplierPayment'] = fn (array $a) => on('PaiementFourn', $a, fn ($it, $user) => $it->delete($user));

function supplier_validated(int $id): int
{
    on('FactureFournisseur', array('id' => $id), fn ($it, $user) => $it->validate($user));
    return $id;
}
