<?php
/** Kinds of invoices that few companies have, and the files beside papers: what the pages do. */

/** A deposit of `price`, paid, of which a discount is made: the id of the discount. */
$acts['deposit'] = function (array $a) use (&$acts) {
    global $db, $user;
    $invoice = new Facture($db);
    $invoice->socid = $a['party'];
    $invoice->type = Facture::TYPE_DEPOSIT;
    $invoice->date = day($a['date']);
    $invoice->cond_reglement_id = 1;
    $invoice->mode_reglement_id = 2;
    $invoice->model_pdf = 'sponge';
    check($invoice->create($user), $invoice, 'create a deposit');
    check($invoice->addline('(DEPOSIT)', $a['price'], 1, 20), $invoice, 'add a line');
    validated($invoice->id);
    $acts['makePdf'](array('id' => $invoice->id));
    $acts['pay'](array('invoice' => $invoice->id) + $a);
    return on('Facture', array('id' => $invoice->id), function ($it, $user) use ($db) {
        $discount = new DiscountAbsolute($db);
        $discount->description = '(DEPOSIT)';
        $discount->fk_soc = $discount->socid = $it->socid;
        $discount->fk_facture_source = $it->id;
        $discount->amount_ht = $discount->multicurrency_amount_ht = $it->total_ht;
        $discount->amount_tva = $discount->multicurrency_amount_tva = $it->total_tva;
        $discount->amount_ttc = $discount->multicurrency_amount_ttc = $it->total_ttc;
        $discount->tva_tx = 20;
        return check($discount->create($user), $discount, 'create a discount');
    }) ? (int) rows('SELECT max(rowid) AS id FROM llx_societe_remise_except', array())[0]['id'] : 0;
};

/** The first invoice of a cycle of situations, or with `after` the next one: each line is done to `percent`. */
$acts['situation'] = function (array $a) {
    global $db, $user, $mysoc;
    if (empty($a['after'])) {
        $invoice = new Facture($db);
        $invoice->socid = $a['party'];
        $invoice->type = Facture::TYPE_SITUATION;
        $invoice->date = day($a['date']);
        $invoice->cond_reglement_id = 1;
        $invoice->mode_reglement_id = 2;
        $invoice->model_pdf = 'sponge';
        $invoice->situation_counter = 1;
        $invoice->situation_final = 0;
        $invoice->situation_cycle_ref = $invoice->newCycle();
        check($invoice->create($user), $invoice, 'create a situation');
        foreach ($a['prices'] as $price) {
            check($invoice->addline("Works for $price", $price, 1, 20, 0, 0, 0, 0, '', '', 0, 0, 0, 'HT', 0, 1, -1, 0, '', 0, 0, null, 0, '', array(), $a['percent']), $invoice, 'add a line');
        }
        return validated($invoice->id);
    }
    $invoice = new Facture($db);
    check($invoice->fetch($a['after'], '', '', 0, true), $invoice, 'load the situation before');
    $invoice->fk_facture_source = $a['after'];
    foreach ($invoice->lines as $line) {
        $line->fk_prev_id = $line->id;
        $line->situation_percent = $line->get_prev_progress($invoice->id);
        list($line->total_ht, $line->total_tva, $line->total_ttc) = calcul_price_total($line->qty, $line->subprice, $line->remise_percent, $line->tva_tx, 0, 0, 0, 'HT', 0, $line->product_type, $mysoc, array(), $line->situation_percent);
    }
    $invoice->fetch_thirdparty();
    $invoice->date = day($a['date']);
    $invoice->situation_counter += 1;
    $id = check($invoice->createFromCurrent($user), $invoice, 'create the next situation');
    $next = new Facture($db);
    check($next->fetch($id, '', '', 0, true), $next, 'load it');
    foreach ($next->lines as $line) {
        // Facture::updateline refuses that on PostgreSQL: it asks for the column 'max(situation_counter)'
        $next->update_percent($line, $a['percent']);
    }
    return validated($id);
};

/** The paper of an invoice by Dolibarr's own template of LibreOffice. */
$acts['makeOdt'] = fn (array $a) => on('Facture', $a, function ($it) {
    global $langs, $conf;
    require_once DOL_DOCUMENT_ROOT . '/core/modules/facture/doc/doc_generic_invoice_odt.modules.php';
    $template = DOL_DATA_ROOT . '/doctemplates/invoices/template_invoice.odt';
    dol_mkdir(dirname($template));
    check(dol_copy(DOL_DOCUMENT_ROOT . '/install/doctemplates/invoices/template_invoice.odt', $template, '0', 1), $it, 'copy the template');
    return $it->generateDocument("generic_invoice_odt:$template", $langs);
});

/** A file beside the papers of an invoice, as its tab of linked files puts it there. */
$acts['attach'] = fn (array $a) => on('Facture', $a, function ($it) use ($a) {
    global $conf;
    $folder = $conf->facture->multidir_output[$it->entity] . '/' . dol_sanitizeFileName($it->ref);
    dol_mkdir($folder);
    file_put_contents("$folder/{$a['name']}", $a['text']);
    return addFileIntoDatabaseIndex($folder, $a['name'], $a['name'], 'uploaded', 0, $it);
});
$acts['attachToSupplier'] = fn (array $a) => on('FactureFournisseur', $a, function ($it) use ($a) {
    global $conf;
    $folder = $conf->fournisseur->facture->dir_output . '/' . get_exdir($it->id, 2, 0, 0, $it, 'invoice_supplier') . $it->ref;
    dol_mkdir($folder);
    file_put_contents("$folder/{$a['name']}", $a['text']);
    return addFileIntoDatabaseIndex($folder, $a['name'], $a['name'], 'uploaded', 0, $it);
});

/** An order or a proposal, with its PDF. */
$acts['printedOrder'] = fn (array $a) => paper(new Commande($GLOBALS['db']), 'einstein', $a);
$acts['printedProposal'] = fn (array $a) => paper(new Propal($GLOBALS['db']), 'azur', $a);

$acts['newAccount'] = function (array $a) {
    global $db, $user, $mysoc;
    $account = new Account($db);
    $account->ref = $account->label = $a['ref'];
    $account->type = Account::TYPE_CURRENT;
    $account->country_id = $mysoc->country_id ?: 1;
    $account->currency_code = 'EUR';
    $account->date_solde = day($a['date']);
    $account->solde = $account->balance = 0;
    $account->rappro = 1;
    return check($account->create($user), $account, 'create an account');
};

/** A currency, and how much of it is one of the company's own. */
$acts['currency'] = function (array $a) {
    global $db, $user;
    require_once DOL_DOCUMENT_ROOT . '/multicurrency/class/multicurrency.class.php';
    $currency = new MultiCurrency($db);
    $currency->code = $currency->name = $a['code'];
    check($currency->create($user), $currency, 'create ' . $a['code']);
    return check($currency->addRate($a['rate']), $currency, 'set its rate');
};

/** The chart of accounts of a country, as the page of the module loads it. */
$acts['chart'] = function (array $a) {
    global $conf;
    $file = DOL_DOCUMENT_ROOT . "/install/mysql/data/llx_accounting_account_{$a['country']}.sql";
    $offset = $conf->entity * 100000000;
    if (preg_match('/-- ADD (\d+) to rowid/i', (string) file_get_contents($file), $found)) {
        $offset += (int) $found[1];
    }
    return run_sql($file, 1, $conf->entity, 1, '', 'default', 32768, 0, $offset) > 0 ? 1 : throw new Exception('the chart was not loaded');
};

/** A draft, validated, with a PDF as a draft and as what it is then. */
function paper($paper, string $model, array $a): int
{
    global $user, $langs;
    $paper->socid = $a['party'];
    $paper->date = $paper->datep = $paper->date_commande = day($a['date']);
    $paper->duree_validite = 15;
    check($paper->create($user), $paper, 'create it');
    check($paper->addline('A line', 100, 1, 20), $paper, 'add a line');
    check($paper->fetch($paper->id), $paper, 'load it');
    check($paper->generateDocument($model, $langs), $paper, 'make its PDF');
    check($paper->valid($user), $paper, 'validate it');
    check($paper->fetch($paper->id), $paper, 'load it again');
    check($paper->generateDocument($model, $langs), $paper, 'make its PDF again');
    return $paper->id;
}
