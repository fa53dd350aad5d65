<?php
/** Third parties, products, projects, contracts, expense reports: what their pages do. */

$acts['party'] = function (array $a) {
    global $db, $user, $mysoc;
    $party = new Societe($db);
    $party->name = $a['name'];
    $party->country_id = $mysoc->country_id;
    $party->tva_assuj = 1;
    $party->client = empty($a['supplier']) ? 1 : 0;
    $party->fournisseur = empty($a['supplier']) ? 0 : 1;
    $party->code_client = $party->client ? 'auto' : '';
    $party->code_fournisseur = $party->fournisseur ? 'auto' : '';
    return check($party->create($user), $party, 'create ' . $a['name']);
};
$acts['renameParty'] = fn (array $a) => on('Societe', $a, function ($it, $user) use ($a) {
    $it->name = $a['name'];
    return $it->update($it->id, $user);
});
/** `id` stays, `gone` goes into it. */
$acts['mergeParties'] = fn (array $a) => on('Societe', $a, fn ($it) => $it->mergeCompany($a['gone']) === 0 ? 1 : -1);
$acts['contact'] = function (array $a) {
    global $db, $user;
    $contact = new Contact($db);
    $contact->socid = $a['party'];
    $contact->lastname = 'Martin';
    $contact->statut = 1;
    return check($contact->create($user), $contact, 'create a contact');
};
$acts['product'] = function (array $a) {
    global $db, $user;
    $product = new Product($db);
    $product->ref = $a['ref'];
    $product->label = $a['ref'];
    $product->type = Product::TYPE_PRODUCT;
    $product->price = 10;
    $product->price_base_type = 'HT';
    $product->tva_tx = 20;
    $product->status = 1;
    $product->status_buy = 0;
    return check($product->create($user), $product, 'create ' . $a['ref']);
};
/** As `product/card.php` does, which has no class for the whole. */
$acts['mergeProducts'] = fn (array $a) => on('Product', $a, function ($it, $user) use ($a) {
    global $db;
    if (!Facture::replaceProduct($db, $a['gone'], $it->id) || !FactureFournisseur::replaceProduct($db, $a['gone'], $it->id)) {
        return -1;
    }
    $gone = fetched('Product', $a['gone']);
    return $gone->delete($user);
});
$acts['newProject'] = function (array $a) {
    global $db, $user;
    $project = new Project($db);
    $project->ref = $a['ref'];
    $project->title = $a['ref'];
    $project->socid = $a['party'];
    $project->date_start = dol_now();
    $project->status = $project->statut = 1;
    return check($project->create($user), $project, 'create a project');
};

$acts['contract'] = function (array $a) {
    global $db, $user;
    $contract = new Contrat($db);
    $contract->socid = $a['party'];
    $contract->date_contrat = dol_now();
    $contract->commercial_signature_id = $contract->commercial_suivi_id = $user->id;
    check($contract->create($user), $contract, 'create a contract');
    check($contract->addline('Care', 50, 1, 20, 0, 0, 0, 0, dol_now(), dol_now() + 86400 * 365), $contract, 'add a line');
    return on('Contrat', array('id' => $contract->id), fn ($it, $user) => $it->validate($user)) ? $contract->id : 0;
};
$acts['editContract'] = fn (array $a) => on('Contrat', $a, function ($it, $user) {
    $line = $it->lines[0];
    check($it->updateline($line->id, 'More care', 80, 2, 0, dol_now(), dol_now() + 86400, 20), $it, 'change a line');
    $it->ref_customer = 'X';
    return $it->update($user);
});
$acts['deleteContract'] = fn (array $a) => on('Contrat', $a, fn ($it, $user) => $it->delete($user));

$acts['expenseReport'] = function (array $a) {
    global $db, $user;
    $report = new ExpenseReport($db);
    $report->date_debut = day($a['date']);
    $report->date_fin = day($a['date']);
    $report->fk_user_author = $report->fk_user_validator = $user->id;
    $report->fk_statut = $report->status = 0;
    check($report->create($user), $report, 'create an expense report');
    $report = fetched('ExpenseReport', $report->id);
    check($report->addline(2, 15, 1, 20, $a['date'], 'Train', 0), $report, 'add a line');
    on('ExpenseReport', array('id' => $report->id), fn ($it, $user) => $it->setValidate($user));
    on('ExpenseReport', array('id' => $report->id), fn ($it, $user) => $it->setApproved($user));
    return $report->id;
};
$acts['expensePaid'] = fn (array $a) => on('ExpenseReport', $a, fn ($it, $user) => $it->setPaid($it->id, $user));
$acts['expenseUnpaid'] = fn (array $a) => on('ExpenseReport', $a, fn ($it, $user) => $it->setUnpaid($user));
$acts['cancelExpense'] = fn (array $a) => on('ExpenseReport', $a, fn ($it, $user) => $it->set_cancel($user, 'no'));
$acts['deleteExpense'] = fn (array $a) => on('ExpenseReport', $a, fn ($it, $user) => $it->delete($user));
