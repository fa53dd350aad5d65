<?php
/** Customers' invoices: what their page does. */

/** A validated invoice; `source` makes a credit note of it, `replaces` a replacement. */
$acts['invoice'] = function (array $a) {
    global $db, $user;
    $invoice = new Facture($db);
    $invoice->socid = $a['party'];
    $invoice->type = isset($a['source']) ? Facture::TYPE_CREDIT_NOTE
        : (isset($a['replaces']) ? Facture::TYPE_REPLACEMENT : Facture::TYPE_STANDARD);
    $invoice->fk_facture_source = $a['source'] ?? $a['replaces'] ?? null;
    $invoice->date = day($a['date']);
    $invoice->cond_reglement_id = 1;
    $invoice->mode_reglement_id = 2;
    $invoice->model_pdf = 'sponge';
    $invoice->multicurrency_code = $a['currency'] ?? null;
    check($invoice->create($user), $invoice, 'create an invoice');
    foreach ($a['prices'] as $price) {
        $sign = isset($a['source']) ? -1 : 1;
        check(
            $invoice->addline("Work for $price", $sign * $price, 1, 20, 0, 0, $a['product'] ?? 0),
            $invoice,
            'add a line'
        );
    }
    return empty($a['draft']) ? validated($invoice->id) : $invoice->id;
};
$acts['validate'] = fn (array $a) => validated($a['id']);
$acts['reopen'] = fn (array $a) => on('Facture', $a, fn ($it, $user) => $it->setDraft($user));
$acts['correctLines'] = fn (array $a) => on('Facture', $a, function ($it) use ($a) {
    $line = $it->lines[0];
    check($it->updateline($line->id, 'Other work', $a['price'], 2, 0, '', '', 20), $it, 'change a line');
    return $it->addline('More work', 7, 1, 20);
});
$acts['deleteInvoice'] = fn (array $a) => on('Facture', $a, fn ($it, $user) => $it->delete($user));
$acts['paid'] = fn (array $a) => on('Facture', $a, fn ($it, $user) => $it->setPaid($user));
$acts['unpaid'] = fn (array $a) => on('Facture', $a, fn ($it, $user) => $it->setUnpaid($user));
$acts['abandon'] = fn (array $a) => on('Facture', $a, fn ($it, $user) => $it->setCanceled($user, 'abandon', 'nobody pays'));
$acts['note'] = fn (array $a) => on('Facture', $a, fn ($it) => $it->update_note('Called them', '_private'));
$acts['terms'] = fn (array $a) => on('Facture', $a, function ($it) {
    check($it->setPaymentMethods(4), $it, 'set the mode');
    return $it->setPaymentTerms(2);
});
$acts['bankAccount'] = fn (array $a) => on('Facture', $a, fn ($it) => $it->setBankAccount($a['account']));
$acts['clientReference'] = fn (array $a) => on('Facture', $a, fn ($it) => $it->set_ref_client('PO-77'));
$acts['project'] = fn (array $a) => on('Facture', $a, fn ($it) => $it->setProject($a['project']));
$acts['makePdf'] = fn (array $a) => on('Facture', $a, function ($it) use ($a) {
    global $langs, $conf;
    $language = $langs;
    if (isset($a['language'])) {
        $language = new Translate('', $conf);
        $language->setDefaultLang($a['language']);
    }
    return $it->generateDocument($a['model'] ?? 'sponge', $language);
});
$acts['updateUnchanged'] = fn (array $a) => on('Facture', $a, fn ($it, $user) => $it->update($user));
$acts['contactOf'] = fn (array $a) => on('Facture', $a, fn ($it) => $it->add_contact($a['contact'], 'BILLING', 'external'));
$acts['extraField'] = fn (array $a) => on('Facture', $a, function ($it) {
    global $db;
    $fields = new ExtraFields($db);
    check($fields->addExtraField('colour', 'Colour', 'varchar', 1, '255', 'facture'), $fields, 'add an extra field');
    $it->array_options = array('options_colour' => 'blue');
    return $it->insertExtraFields();
});

// what the page hides of a validated invoice, and its server side does all the same
$acts['postDate'] = fn (array $a) => on('Facture', $a, function ($it, $user) use ($a) {
    $it->date = day($a['date']);
    return $it->update($user);
});
$acts['postStamp'] = fn (array $a) => on('Facture', $a, function ($it, $user) {
    $it->revenuestamp = 5;
    check($it->update($user), $it, 'set the stamp');
    return $it->update_price(1);
});
$acts['postReference'] = fn (array $a) => on('Facture', $a, fn ($it, $user) =>
    $it->setValueFrom('ref', 'FA9912-0001', '', 0, '', '', $user, 'BILL_MODIFY'));
$acts['postPointOfTax'] = fn (array $a) => on('Facture', $a, function ($it, $user) use ($a) {
    $it->date_pointoftax = day($a['date']);
    return $it->update($user);
});
$acts['postWarranty'] = fn (array $a) => on('Facture', $a, fn ($it) => $it->setRetainedWarranty(5));

// discounts
$acts['toDiscount'] = fn (array $a) => on('Facture', $a, function ($it, $user) {
    global $db;
    $discount = new DiscountAbsolute($db);
    $discount->description = '(CREDIT_NOTE)';
    $discount->fk_soc = $discount->socid = $it->socid;
    $discount->fk_facture_source = $it->id;
    $discount->amount_ht = $discount->multicurrency_amount_ht = -$it->total_ht;
    $discount->amount_tva = $discount->multicurrency_amount_tva = -$it->total_tva;
    $discount->amount_ttc = $discount->multicurrency_amount_ttc = -$it->total_ttc;
    $discount->tva_tx = 20;
    $id = check($discount->create($user), $discount, 'create a discount');
    check($it->setPaid($user), $it, 'close the credit note');
    return $id;
});
$acts['splitDiscount'] = fn (array $a) => on('DiscountAbsolute', $a, function ($it, $user) use ($a) {
    $half = fn ($amount, $part) => price2num($part ? $a['first'] / $it->amount_ttc * $amount : $amount - price2num($a['first'] / $it->amount_ttc * $amount, 'MT'), 'MT');
    $ids = array();
    foreach (array(true, false) as $part) {
        $new = clone $it;
        foreach (array('amount_ht', 'amount_tva', 'amount_ttc', 'multicurrency_amount_ht', 'multicurrency_amount_tva', 'multicurrency_amount_ttc') as $name) {
            $new->$name = $half($it->$name, $part);
        }
        $parts[] = $new;
    }
    $it->fk_facture_source = $it->fk_invoice_supplier_source = 0; // as the page: only this one, and not all of its source
    check($it->delete($user), $it, 'delete the whole');
    foreach ($parts as $new) {
        $ids[] = check($new->create($user), $new, 'create a part');
    }
    return $ids;
});
$acts['applyDiscount'] = fn (array $a) => on('DiscountAbsolute', $a, fn ($it) => $it->link_to_invoice(0, $a['invoice']));
$acts['freeDiscount'] = fn (array $a) => on('DiscountAbsolute', $a, fn ($it) => $it->unlink_invoice());
$acts['consumeDiscount'] = fn (array $a) => on('Facture', $a, fn ($it) => $it->insert_discount($a['discount']));
$acts['deleteDiscount'] = fn (array $a) => on('DiscountAbsolute', $a, fn ($it, $user) => $it->delete($user));

/** Does that with the object of `a.id`, and throws where it fails. */
function on(string $class, array $a, callable $does)
{
    global $user;
    $object = fetched($class, $a['id']);
    if (method_exists($object, 'fetch_thirdparty') && !empty($object->socid)) {
        $object->fetch_thirdparty();
    }
    $result = $does($object, $user);
    return is_array($result) ? $result : check($result === true ? 1 : $result, $object, "change the $class {$a['id']}");
}

function validated(int $id): int
{
    on('Facture', array('id' => $id), fn ($it, $user) => $it->validate($user));
    return $id;
}
