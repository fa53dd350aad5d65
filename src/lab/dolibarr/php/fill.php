<?php
/** The second of two scripts: customers, suppliers, products, invoices with PDFs, payments, and what a restore must disable. */

require __DIR__ . '/common.php';
foreach (
    array('societe/class/societe', 'product/class/product', 'compta/bank/class/account', 'compta/facture/class/facture',
        'compta/paiement/class/paiement', 'fourn/class/fournisseur.facture', 'cron/class/cronjob',
        'emailcollector/class/emailcollector', 'webhook/class/target') as $class
) {
    require_once DOL_DOCUMENT_ROOT . "/$class.class.php";
}

$company = $input['company'];
$customers = array_map(fn ($party) => third_party($party, true), $company['customers']);
$suppliers = array();
foreach ($company['suppliers'] as $party) {
    $suppliers[$party['name']] = third_party($party, false);
}
$products = array_map('product', $company['products']);
$account = bank_account($company);

$invoices = array();
foreach ($input['plan'] as $done => $planned) {
    progress($done, count($input['plan']));
    if ($planned['kind'] === 'invoice') {
        $invoices[$planned['number']] = invoice($planned, null);
    } else {
        invoice($planned, $invoices[$planned['number']]);
    }
}
foreach ($company['supplierInvoices'] as $paper) {
    supplier_invoice($paper, $suppliers[$paper['supplier']]);
}
what_acts_on_the_world();
progress(count($input['plan']), count($input['plan']));

function third_party(array $party, bool $customer): Societe
{
    global $db, $user, $mysoc;
    $object = new Societe($db);
    $object->name = $party['name'];
    $object->address = $party['address'];
    $object->zip = $party['zip'];
    $object->town = $party['town'];
    $object->email = $party['email'];
    $object->country_id = $mysoc->country_id;
    $object->country_code = $mysoc->country_code;
    $object->tva_assuj = 1;
    $object->client = $customer ? 1 : 0;
    $object->fournisseur = $customer ? 0 : 1;
    $object->code_client = $customer ? 'auto' : '';
    $object->code_fournisseur = $customer ? '' : 'auto';
    check($object->create($user), $object, 'create ' . $party['name']);
    return $object;
}

function product(array $data): Product
{
    global $db, $user;
    $object = new Product($db);
    $object->ref = $data['ref'];
    $object->label = $data['label'];
    $object->type = Product::TYPE_PRODUCT;
    $object->price = $data['price'];
    $object->price_base_type = 'HT';
    $object->tva_tx = $data['vat'];
    $object->status = 1;
    $object->status_buy = 0;
    check($object->create($user), $object, 'create ' . $data['ref']);
    return $object;
}

function bank_account(array $company): Account
{
    global $db, $user, $mysoc;
    $object = new Account($db);
    $object->ref = 'COURANT';
    $object->label = 'Compte courant';
    $object->type = Account::TYPE_CURRENT;
    $object->bank = 'Banque de la Loire';
    $object->country_id = $mysoc->country_id;
    $object->currency_code = $company['currency'];
    $object->date_solde = day($company['invoices']['first']);
    $object->solde = $object->balance = 0;
    $object->rappro = 1;
    check($object->create($user), $object, 'create the bank account');
    return $object;
}

/** An invoice, or with `$source` a credit note for it. */
function invoice(array $planned, ?Facture $source): Facture
{
    global $db, $user, $langs, $customers, $products, $account;
    $object = new Facture($db);
    $object->socid = $customers[$planned['customer']]->id;
    $object->type = $source ? Facture::TYPE_CREDIT_NOTE : Facture::TYPE_STANDARD;
    $object->fk_facture_source = $source ? $source->id : null;
    $object->date = day($planned['date']);
    $object->cond_reglement_id = $source ? 0 : dol_getIdFromCode($db, '30D', 'c_payment_term', 'code', 'rowid', 1);
    $object->mode_reglement_id = dol_getIdFromCode($db, 'VIR', 'c_paiement', 'code', 'id', 1);
    $object->fk_account = $account->id;
    $object->model_pdf = 'sponge';
    check($object->create($user), $object, 'create an invoice');
    foreach ($planned['lines'] as $line) {
        $product = $products[$line['product']];
        $price = $source ? -$product->price : $product->price;
        check(
            $object->addline($product->label, $price, $line['quantity'], $product->tva_tx, 0, 0, $product->id),
            $object,
            'add a line to an invoice'
        );
    }
    if ($planned['state'] === 'draft') {
        return $object;
    }
    check($object->fetch($object->id), $object, 'load an invoice');
    check($object->validate($user), $object, 'validate an invoice');
    if ($planned['state'] === 'paid') {
        pay($object);
    }
    check($object->fetch($object->id), $object, 'load an invoice');
    check($object->generateDocument($object->model_pdf, $langs), $object, 'make the PDF of ' . $object->ref);
    return $object;
}

function pay(Facture $invoice): void
{
    global $db, $user, $account;
    $payment = new Paiement($db);
    $payment->datepaye = min($invoice->date + 21 * 86400, dol_now());
    $payment->amounts = array($invoice->id => price2num($invoice->total_ttc, 'MT'));
    $payment->paiementid = $invoice->mode_reglement_id;
    $payment->paiementcode = 'VIR';
    check($payment->create($user, 1), $payment, 'pay ' . $invoice->ref);
    $label = '(CustomerInvoicePayment)';
    check($payment->addPaymentToBank($user, 'payment', $label, $account->id, '', ''), $payment, 'book the payment of ' . $invoice->ref);
}

function supplier_invoice(array $paper, Societe $supplier): void
{
    global $db, $user, $langs;
    $object = new FactureFournisseur($db);
    $object->socid = $supplier->id;
    $object->ref_supplier = $paper['ref'];
    $object->type = FactureFournisseur::TYPE_STANDARD;
    $object->date = day($paper['date']);
    $object->date_echeance = $object->date + 30 * 86400;
    $object->label = $supplier->name;
    check($object->create($user), $object, 'create the supplier invoice ' . $paper['ref']);
    check(
        $object->addline($supplier->name . ', ' . $paper['ref'], $paper['amount'], $paper['vat'], 0, 0, 1),
        $object,
        'add a line to ' . $paper['ref']
    );
    check($object->fetch($object->id), $object, 'load ' . $paper['ref']);
    check($object->validate($user), $object, 'validate ' . $paper['ref']);
    check($object->fetch($object->id), $object, 'load ' . $paper['ref']);
    check($object->generateDocument('canelle', $langs), $object, 'make the PDF of ' . $paper['ref']);
}

/** A scheduled job, a mail collector and a webhook, all enabled: a restored copy must not run them. */
function what_acts_on_the_world(): void
{
    global $db, $user;
    $job = new Cronjob($db);
    $job->label = 'Rappels des factures impayées';
    $job->jobtype = 'method';
    $job->classesname = 'compta/facture/class/facture.class.php';
    $job->objectname = 'Facture';
    $job->methodename = 'sendEmailsRemindersOnInvoiceDueDate';
    $job->params = '10,all,EmailTemplateCode,duedate';
    $job->module_name = 'facture';
    $job->datestart = day('2025-11-03');
    $job->datenextrun = day('2026-12-01');
    $job->frequency = 1;
    $job->unitfrequency = '86400';
    $job->priority = 50;
    $job->status = 1;
    check($job->create($user), $job, 'create a planned job');
    check($job->setStatut(1) >= 0 ? 1 : -1, $job, 'switch on a planned job');

    $collector = new EmailCollector($db);
    $collector->ref = 'Factures-fournisseurs';
    $collector->label = 'Factures reçues par courriel';
    $collector->host = 'imap.ateliers-morvan.example';
    $collector->port = '993';
    $collector->login = 'factures@ateliers-morvan.example';
    $collector->password = 'no such account';
    $collector->source_directory = 'INBOX';
    $collector->target_directory = 'Dolibarr';
    $collector->maxemailpercollect = 20;
    $collector->entity = 1;
    $collector->status = 1;
    check($collector->create($user), $collector, 'create a mail collector');

    $hook = new Target($db);
    $hook->ref = 'COMPTABLE';
    $hook->label = 'Logiciel du comptable';
    $hook->type = Target::TYPE_BLOCKING;
    $hook->url = 'https://hooks.comptable.example/dolibarr';
    $hook->trigger_codes = 'BILL_VALIDATE,BILL_PAYED';
    $hook->status = Target::STATUS_AUTOMATIC_TRIGGER;
    check($hook->create($user), $hook, 'create a webhook');
}
